import { Tokenizer } from "@huggingface/tokenizers";
import * as z from "zod";
import { LimnerError } from "../protocol/limnerError.ts";

const specialToken = z.union([
  z.string(),
  z.object({ content: z.string() }).transform((token) => token.content),
]);

const tokenizerConfigSchema = z.object({
  bos_token: specialToken.default("<|startoftext|>"),
  eos_token: specialToken.default("<|endoftext|>"),
  pad_token: specialToken.default("<|endoftext|>"),
  unk_token: specialToken.default("<|endoftext|>"),
  model_max_length: z.number().optional(),
  added_tokens_decoder: z
    .record(z.string(), z.object({ content: z.string(), special: z.boolean().optional() }))
    .default({}),
});

const vocabularySchema = z.record(z.string(), z.int().min(0));
const tokenizerJsonSchema = z.object({ model: z.looseObject({ vocab: vocabularySchema }) }).loose();

/** What a tokenizer's folder holds, parsed but not checked: `vocab.json` with `merges.txt`, or `tokenizer.json`. */
export interface TokenizerFiles {
  /** Where the files are, for error messages. */
  folder: string;
  config: unknown;
  vocabulary?: unknown;
  merges?: string;
  tokenizerJson?: unknown;
}

/** Token ids of one prompt, as long as the encoder reads, with start, end and padding. */
export interface TokenizedPrompt {
  ids: number[];
  /** The words at the end that did not fit, or an empty string. */
  cut: string;
}

/** A CLIP tokenizer: lower-cased, byte-level BPE with `</w>` at the end of a word. */
export interface ClipTokenizer {
  /** Number of token ids the encoder reads, start and end included: 77 in every published model. */
  readonly length: number;
  /**
   * Token ids `[length]` of a prompt: start, the prompt's, end, then this tokenizer's padding. What does not fit is
   * cut, as diffusers does.
   */
  encode(prompt: string): TokenizedPrompt;
  /** Token ids of a text alone: without start, end, padding or limit. */
  tokens(text: string): number[];
  /** The ids `[length]` that the encoder reads: start, `length - 2` of the given ids at most, end, padding. */
  row(ids: readonly number[]): number[];
  /** The words of token ids, as far as they can be told. */
  text(ids: readonly number[]): string;
}

/** CLIP's split pattern, as transformers' `CLIPTokenizer` has it. */
const splitPattern =
  "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

/** The `tokenizer.json` that transformers makes of CLIP's two files. */
function tokenizerJsonOf(vocab: Record<string, number>, merges: string, unknownToken: string): object {
  const lines = merges.split("\n").map((line) => line.trim());
  return {
    version: "1.0",
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "NFC" },
        { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
        { type: "Lowercase" },
      ],
    },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: splitPattern }, behavior: "Removed", invert: true },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: null,
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: unknownToken,
      continuing_subword_prefix: "",
      end_of_word_suffix: "</w>",
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab,
      merges: lines.filter((line) => line.length > 0 && !line.startsWith("#version")),
    },
  };
}

/**
 * The Python library lower-cases letter by letter; JavaScript knows that a sigma at the end of a word has a form of
 * its own. This keeps the ids equal.
 */
function withPlainSigma(normalizer: unknown): object {
  const sigma = { type: "Replace", pattern: { String: "Σ" }, content: "σ" };
  return { type: "Sequence", normalizers: normalizer ? [sigma, normalizer] : [sigma] };
}

/** Special tokens are recognised in the text itself, before it is split. */
function addedTokens(contents: Iterable<string>, idOf: (token: string) => number | undefined): object[] {
  return [...new Set(contents)].flatMap((content) => {
    const id = idOf(content);
    return id === undefined
      ? []
      : [{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }];
  });
}

function damaged(files: TokenizerFiles, reason: string, cause?: unknown): LimnerError {
  return new LimnerError("model-damaged", `The tokenizer in ${files.folder} cannot be used: ${reason}.`, {
    cause,
  });
}

/**
 * Builds a tokenizer from its files.
 * @param files the parsed files of a `tokenizer` or `tokenizer_2` folder
 * @param encoderLength positions of the text encoder (`max_position_embeddings`)
 * @throws LimnerError `model-damaged` when a file is missing, malformed, or lacks a special token
 */
export function createClipTokenizer(files: TokenizerFiles, encoderLength: number): ClipTokenizer {
  const parsedConfig = tokenizerConfigSchema.safeParse(files.config);
  if (!parsedConfig.success) {
    throw damaged(files, `tokenizer_config.json is malformed (${z.prettifyError(parsedConfig.error)})`);
  }
  const config = parsedConfig.data;

  let json: Record<string, unknown>;
  let vocab: Record<string, number>;
  if (files.vocabulary !== undefined && files.merges !== undefined) {
    const parsed = vocabularySchema.safeParse(files.vocabulary);
    if (!parsed.success) throw damaged(files, "vocab.json is not a table of tokens and ids");
    vocab = parsed.data;
    json = { ...tokenizerJsonOf(vocab, files.merges, config.unk_token) };
  } else {
    const parsed = tokenizerJsonSchema.safeParse(files.tokenizerJson);
    if (!parsed.success)
      throw damaged(files, "it has neither vocab.json with merges.txt nor a tokenizer.json");
    vocab = parsed.data.model.vocab;
    json = { ...parsed.data };
  }

  json["normalizer"] = withPlainSigma(json["normalizer"]);
  const known = new Map(Object.entries(vocab));
  const special = [config.bos_token, config.eos_token, config.unk_token, config.pad_token];
  const configured = Object.values(config.added_tokens_decoder).map((token) => token.content);
  json["added_tokens"] = addedTokens([...special, ...configured], (token) => known.get(token));

  const idOf = (name: string, token: string): number => {
    const id = known.get(token);
    if (id === undefined) throw damaged(files, `its ${name} token "${token}" is not in the vocabulary`);
    return id;
  };
  const start = idOf("start", config.bos_token);
  const end = idOf("end", config.eos_token);
  const padding = idOf("padding", config.pad_token);
  const length = Math.min(encoderLength, config.model_max_length ?? encoderLength);

  let tokenizer: Tokenizer;
  try {
    // The library lower-cases and cleans up by the configuration's own switches, which CLIP's does not have.
    tokenizer = new Tokenizer(json, {});
  } catch (error) {
    throw damaged(files, "its vocabulary or merges are malformed", error);
  }
  const tokens = (text: string) => tokenizer.encode(text, { add_special_tokens: false }).ids;
  const text = (ids: readonly number[]) =>
    ids.length === 0
      ? ""
      : tokenizer
          .decode([...ids])
          .replaceAll("</w>", " ")
          .trim();
  const row = (ids: readonly number[]) => {
    const full = [start, ...ids.slice(0, length - 2), end];
    while (full.length < length) full.push(padding);
    return full;
  };
  return {
    length,
    tokens,
    row,
    text,
    encode(prompt) {
      const ids = tokens(prompt);
      return { ids: row(ids), cut: text(ids.slice(length - 2)) };
    },
  };
}
