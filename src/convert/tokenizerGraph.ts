import type { ElementType } from "../graph/elementType.ts";
import type { Graph, Source } from "../graph/graph.ts";
import type { XmlElement } from "../graph/xml/xmlElement.ts";
import { ConstantGraph, type OutputType } from "./constantGraph.ts";
import {
  type PackedStrings,
  packStrings,
  specialTokenPattern,
  specialTokens,
  tokenBytes,
  tokensInOrder,
} from "./tokenizerConstants.ts";
import type { ClipTokenizer } from "./tokenizerFiles.ts";

/** What CLIP's tokenizer takes as a word, in the syntax of openvino_tokenizers' PCRE2. */
const wordPattern =
  "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";
/** GPT-2's words, which the byte-level step of CLIP's tokenizer splits by again. */
const byteLevelPattern = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
const longestText = 77;
/** What openvino_tokenizers writes for no limit. */
const noLimit = 2_147_483_583;

const list = (type: ElementType): OutputType => ({ type, shape: [-1] });
const matrix = (type: ElementType, names?: string[]): OutputType => ({ type, shape: [-1, -1], names });
const scalar = (type: ElementType): OutputType => ({ type, shape: [] });
/** Begins and ends of strings, then their characters. */
const strings = [list("i32"), list("i32"), list("u8")];
/** Begins and ends of rows of strings, of the strings, and their characters. */
const ragged = [list("i32"), list("i32"), ...strings];

const extension = (type: string) => ({ type, version: "extension" });
const opset = (type: string, set: number) => ({ type, version: `opset${set}` });

function packed(graph: ConstantGraph, { begins, ends, bytes }: PackedStrings): Source[] {
  return [graph.integers(begins), graph.integers(ends), graph.bytes(bytes)];
}

/** Takes the texts apart and numbers them: every text is a row of one string, [0, 1), [1, 2), … */
function unpackTexts(graph: ConstantGraph): { rows: Source[]; texts: Source[] } {
  const [input] = graph.add(
    { ...opset("Parameter", 1), name: "Parameter_1" },
    { shape: "?", element_type: "string" },
    [],
    [{ type: "string", shape: [-1], names: ["Parameter_1"] }],
  );
  const texts = graph.add(opset("StringTensorUnpack", 15), {}, sources(input), strings);
  const shape = graph.add(opset("ShapeOf", 3), { output_type: "i64" }, sources(texts[0]), [
    { type: "i64", shape: [1] },
  ]);
  const [zero, one] = [graph.long(0), graph.long(1)];
  const count = graph.add(
    opset("Gather", 8),
    { batch_dims: "0" },
    [...shape, zero, graph.long(0)],
    [scalar("i64")],
  );
  const range = { output_type: "i32" };
  const begins = graph.add(opset("Range", 4), range, [zero, ...count, one], [list("i32")]);
  const after = graph.add(opset("Add", 1), { auto_broadcast: "numpy" }, [...count, one], [scalar("i64")]);
  const ends = graph.add(opset("Range", 4), range, [one, ...after, one], [list("i32")]);
  return { rows: [...begins, ...ends], texts };
}

function sources(...given: (Source | undefined)[]): Source[] {
  return given.filter((source): source is Source => source !== undefined);
}

/** Splits at special tokens, lowers the case, joins white space, and splits into words. */
function splitIntoWords(graph: ConstantGraph, tokenizer: ClipTokenizer): Source[] {
  const { rows, texts } = unpackTexts(graph);
  const pattern = graph.text(specialTokenPattern(tokenizer));
  const skips = list("boolean");
  const parts = graph.add(
    extension("SpecialTokensSplit"),
    {},
    [...rows, ...texts, pattern],
    [...ragged, skips],
  );
  const normalized = graph.add(
    extension("CharsMapNormalization"),
    {
      add_dummy_prefix: "false",
      remove_extra_whitespaces: "false",
      escape_whitespaces: "false",
      normalization_form: "nfc",
      case_fold: "true",
      nmt: "false",
    },
    parts.slice(2),
    [...strings, skips],
  );
  const joined = graph.add(
    extension("RegexNormalization"),
    { global_replace: "true" },
    [...normalized, graph.text("\\s+"), graph.text(" ")],
    [...strings, skips],
  );
  const words = graph.add(
    extension("RegexSplit"),
    { behaviour: "remove", invert: "true", max_splits: "-1" },
    [...parts.slice(0, 2), ...joined, graph.text(wordPattern)],
    [...ragged, skips],
  );
  return graph.add(
    extension("RegexSplit"),
    { behaviour: "isolate", invert: "false", max_splits: "-1" },
    [...words, graph.text(byteLevelPattern)],
    [...ragged, skips],
  );
}

/** Byte-pair encoding: rows of token numbers, as begins, ends and numbers. */
function encodeWords(graph: ConstantGraph, tokenizer: ClipTokenizer, words: readonly Source[]): Source[] {
  const encoder = new TextEncoder();
  const special = specialTokens(tokenizer);
  const sides = [0, 1].map((side) =>
    packStrings(tokenizer.merges.map((pair) => tokenBytes(pair[side] ?? ""))),
  );
  return graph.add(
    extension("BPETokenizer"),
    {
      unk_token: tokenizer.endToken,
      fuse_unk: "false",
      suffix_indicator: "",
      end_suffix: "</w>",
      byte_fallback: "false",
      cache_capacity: "20000",
    },
    [
      ...words.slice(0, 5),
      ...packed(graph, packStrings(tokensInOrder(tokenizer).map(tokenBytes))),
      ...sides.flatMap((side) => packed(graph, side)),
      ...packed(graph, packStrings(special.map(({ token }) => encoder.encode(token)))),
      graph.integers(special.map(({ id }) => id)),
    ],
    [list("i32"), list("i32"), list("i32")],
  );
}

/** Cuts rows to the model's length where the state `truncation` says so, as GenAI's tokenizer sets it. */
function cutRows(graph: ConstantGraph, rows: readonly Source[]): Source[] {
  const start = graph.boolean(false);
  const [state] = graph.add(
    opset("ReadValue", 6),
    { variable_id: "truncation", variable_type: "dynamic", variable_shape: "..." },
    [start],
    [scalar("boolean")],
  );
  graph.add(opset("Assign", 6), { variable_id: "truncation" }, sources(state), [scalar("boolean")]);
  // Start and end take two places; the other limit is no limit.
  const limit = graph.add(
    opset("Select", 1),
    { auto_broadcast: "numpy" },
    [...sources(state), graph.integers(longestText - 2), graph.integers(noLimit)],
    [scalar("i32")],
  );
  return graph.add(
    extension("Truncate"),
    { m_num_inputs: "1" },
    [...rows, ...limit, graph.text("right"), graph.text("longest_first")],
    [list("i32"), list("i32"), list("i32")],
  );
}

/** Puts start and end around every row and pads the rows to the longest. */
function padRows(graph: ConstantGraph, tokenizer: ClipTokenizer, rows: readonly Source[]): void {
  const idOf = (token: string) => tokenizer.vocabulary.get(token) ?? 0;
  const around = (token: string) => [graph.integers(0), graph.integers(1), graph.integers([idOf(token)])];
  const combined = graph.add(
    extension("CombineSegments"),
    {},
    [...around(tokenizer.startToken), ...rows, ...around(tokenizer.endToken), graph.integers([0, 0, 0])],
    Array.from({ length: 6 }, () => list("i32")),
  );
  const [begins, ends] = combined;
  const lengths = graph.add(opset("Subtract", 1), { auto_broadcast: "numpy" }, sources(ends, begins), [
    list("i32"),
  ]);
  const longest = graph.add(
    opset("ReduceMax", 1),
    { keep_dims: "false" },
    [...lengths, graph.integers(0)],
    [scalar("i32")],
  );
  const [ids, mask] = graph.add(
    extension("RaggedToDense"),
    { pad_right: "true", m_pad_max_length: "false" },
    [...combined.slice(0, 3), ...longest, graph.integers(idOf(tokenizer.padToken))],
    [matrix("i32"), matrix("boolean")],
  );
  const convert = (from: Source | undefined, to: ElementType, names?: string[]) =>
    graph.add(opset("Convert", 1), { destination_type: to }, sources(from), [matrix(to, names)]);
  const numbers = convert(ids, "i64", ["input_ids"]);
  const attention = convert(convert(mask, "i32")[0], "i64", ["attention_mask"]);
  for (const [source, name] of [
    [numbers, "input_ids"],
    [attention, "attention_mask"],
  ] as const)
    graph.add(opset("Result", 1), {}, source, [], { layerAttributes: { output_names: name } });
}

/** What GenAI reads about a tokenizer. */
function tokenizerInfo(tokenizer: ClipTokenizer): XmlElement {
  const id = (token: string) => String(tokenizer.vocabulary.get(token) ?? 0);
  const values: Record<string, string> = {
    add_attention_mask: "True",
    add_special_tokens: "True",
    bos_token_id: id(tokenizer.startToken),
    detokenizer_input_type: "i64",
    eos_token_id: id(tokenizer.endToken),
    number_of_inputs: "1",
    // Without it GenAI takes the graph for one of 2024, to which it cannot add padding to a given length.
    openvino_tokenizers_version: "2026.4.1.0",
    pad_token_id: id(tokenizer.padToken),
    skip_special_tokens: "True",
    streaming_detokenizer: "False",
    tokenizer_output_type: "i64",
    truncation: "False",
    use_max_padding: "False",
    use_sentencepiece_backend: "False",
    utf8_replace_mode: "replace",
    with_detokenizer: "True",
  };
  const children = Object.entries(values).map(([name, value]) => ({
    name,
    attributes: { value },
    children: [],
  }));
  return { name: "rt_info", attributes: {}, children };
}

/**
 * A CLIP tokenizer as an OpenVINO graph: texts [n] → `input_ids` and `attention_mask` [n, longest]. Its operations
 * are those of the openvino_tokenizers extension, which OpenVINO GenAI loads.
 */
export function tokenizerGraph(tokenizer: ClipTokenizer): Graph {
  const graph = new ConstantGraph("tokenizer");
  const words = splitIntoWords(graph, tokenizer);
  padRows(graph, tokenizer, cutRows(graph, encodeWords(graph, tokenizer, words)));
  return graph.finished(tokenizerInfo(tokenizer));
}

/** Replacements that make text of joined words: the end of a word is a space, the last one none. */
function cleaningSteps(tokenizer: ClipTokenizer): [pattern: string, replacement: string][] {
  const spaces: [string, string][] = [
    ["</w>", " "],
    [" $", ""],
  ];
  // transformers takes spaces before punctuation away where the configuration says so.
  const cleans = tokenizer.config["clean_up_tokenization_spaces"] === true;
  return cleans ? [...spaces, ["(?| ([\\\\.\\\\?\\\\!,])| ('[ms])| (') | ('[rv]e)| (n't))", "$1"]] : spaces;
}

/** The way back as an OpenVINO graph: token numbers [n, length] → texts [n]. */
export function detokenizerGraph(tokenizer: ClipTokenizer): Graph {
  const graph = new ConstantGraph("detokenizer");
  const [input] = graph.add(
    { ...opset("Parameter", 1), name: "Parameter_1" },
    { shape: "?,?", element_type: "i64" },
    [],
    [matrix("i64", ["Parameter_1"])],
  );
  const ids = graph.add(opset("Convert", 1), { destination_type: "i32" }, sources(input), [matrix("i32")]);
  const vocabulary = packed(graph, packStrings(tokensInOrder(tokenizer).map(tokenBytes)));
  const skipped = graph.integers(specialTokens(tokenizer).map(({ id }) => id));
  const words = graph.add(
    extension("VocabDecoder"),
    { skip_tokens: "" },
    [...ids, ...vocabulary, skipped],
    ragged,
  );
  const fused = graph.add(extension("FuzeRagged"), {}, words.slice(0, 4), [list("i32"), list("i32")]);
  let texts = graph.add(
    extension("UTF8Validate"),
    { replace_mode: "true" },
    [...fused, ...sources(words[4])],
    strings,
  );
  for (const [pattern, replacement] of cleaningSteps(tokenizer))
    texts = graph.add(
      extension("RegexNormalization"),
      { global_replace: "true" },
      [...texts, graph.text(pattern), graph.text(replacement)],
      strings,
    );
  const result = graph.add(opset("StringTensorPack", 15), {}, texts, [
    { type: "string", shape: [-1], names: ["string_output"] },
  ]);
  graph.add(opset("Result", 1), {}, result, [], { layerAttributes: { output_names: "string_output" } });
  return graph.finished(tokenizerInfo(tokenizer));
}
