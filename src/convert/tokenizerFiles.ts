import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isJsonObject, type JsonObject, readJson, readJsonIfThere } from "../checkpoints/boundedJson.ts";
import { packageRoot } from "../platform/packageRoot.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import { readTextIfThere } from "./textFile.ts";

/** A CLIP tokenizer: its tables, and the files that describe it. */
export interface ClipTokenizer {
  /** Tokens by text, in the byte symbols of CLIP's vocabulary. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Pairs in order of rank. */
  readonly merges: readonly (readonly [string, string])[];
  readonly config: JsonObject;
  readonly specialTokens: JsonObject;
  readonly startToken: string;
  readonly endToken: string;
  readonly padToken: string;
  /** `tokenizer.json`, where the source has one. */
  readonly fastFile?: string;
}

/** SDXL's tokenizers differ only in what they pad with. */
export type TokenizerRole = "first" | "second";

const mostTokens = 1_000_000;
const startToken = "<|startoftext|>";
const endToken = "<|endoftext|>";

function damaged(folder: string, what: string): LimnerError {
  return new LimnerError("conversion-failed", `The tokenizer in ${folder} ${what}.`);
}

function vocabularyOf(value: unknown, folder: string): Map<string, number> {
  if (!isJsonObject(value)) throw damaged(folder, "has no vocabulary");
  const entries = Object.entries(value);
  if (entries.length > mostTokens) throw damaged(folder, `has ${entries.length} tokens`);
  const vocabulary = new Map<string, number>();
  for (const [token, id] of entries) {
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id >= mostTokens)
      throw damaged(folder, "has a token without a number");
    vocabulary.set(token, id);
  }
  return vocabulary;
}

function pairOf(text: string, folder: string): [string, string] {
  const parts = text.split(" ");
  const [left, right] = parts;
  if (parts.length !== 2 || !left || !right)
    throw damaged(folder, `has a merge that is no pair: ${JSON.stringify(text.slice(0, 40))}`);
  return [left, right];
}

/** The lines of merges.txt, without its version line. */
function mergesOfText(text: string, folder: string): [string, string][] {
  return text
    .split(/\r?\n/)
    .filter((line, index) => line !== "" && !(index === 0 && line.startsWith("#version")))
    .map((line) => pairOf(line, folder));
}

/** Merges of tokenizer.json: `"a b"` in older files, `["a", "b"]` in newer ones. */
function mergesOfList(value: unknown, folder: string): [string, string][] {
  if (!Array.isArray(value) || value.length > mostTokens) throw damaged(folder, "has no merges");
  return value.map((merge: unknown) => {
    if (typeof merge === "string") return pairOf(merge, folder);
    return pairOf(Array.isArray(merge) ? merge.join(" ") : "", folder);
  });
}

/** The token a configuration names, which is a string or an object with `content`. */
function tokenIn(config: JsonObject, key: string): string | undefined {
  const value = config[key];
  const content = isJsonObject(value) ? value["content"] : value;
  return typeof content === "string" ? content : undefined;
}

function defaultConfig(role: TokenizerRole): { config: JsonObject; specialTokens: JsonObject } {
  const added = { lstrip: false, normalized: true, rstrip: false, single_word: false };
  const special = (content: string) => ({ content, ...added });
  const pad = role === "first" ? endToken : "!";
  const tokens = {
    bos_token: special(startToken),
    eos_token: special(endToken),
    pad_token: pad,
    unk_token: special(endToken),
  };
  return {
    specialTokens: tokens,
    config: {
      add_prefix_space: false,
      bos_token: { __type: "AddedToken", ...special(startToken) },
      clean_up_tokenization_spaces: true,
      do_lower_case: true,
      eos_token: { __type: "AddedToken", ...special(endToken) },
      errors: "replace",
      model_max_length: 77,
      pad_token: pad,
      tokenizer_class: "CLIPTokenizer",
      unk_token: { __type: "AddedToken", ...special(endToken) },
    },
  };
}

/** CLIP's own vocabulary, which ships with Limner because checkpoints carry none. */
async function tablesOf(folder: string): Promise<Pick<ClipTokenizer, "vocabulary" | "merges" | "fastFile">> {
  const fast = await readJsonIfThere(join(folder, "tokenizer.json"));
  const fastFile = fast ? join(folder, "tokenizer.json") : undefined;
  const mergesText = await readTextIfThere(join(folder, "merges.txt"));
  const vocabulary = await readJsonIfThere(join(folder, "vocab.json"));
  if (mergesText !== undefined && vocabulary)
    return {
      vocabulary: vocabularyOf(vocabulary, folder),
      merges: mergesOfText(mergesText, folder),
      fastFile,
    };
  const model = fast?.["model"];
  if (!isJsonObject(model)) throw damaged(folder, "has neither vocab.json and merges.txt nor tokenizer.json");
  return {
    vocabulary: vocabularyOf(model["vocab"], folder),
    merges: mergesOfList(model["merges"], folder),
    fastFile,
  };
}

/**
 * Reads a CLIP tokenizer from a checkpoint's folder, or makes SDXL's from the vocabulary that ships with Limner.
 * @throws LimnerError when the files are missing or damaged
 */
export async function readClipTokenizer(
  folder: string | undefined,
  role: TokenizerRole,
): Promise<ClipTokenizer> {
  const defaults = defaultConfig(role);
  const own = folder ?? join(packageRoot(), "models", "clip-tokenizer");
  const tables = await tablesOf(own);
  const config = folder ? await readJson(join(folder, "tokenizer_config.json")) : defaults.config;
  const found = folder ? await readJsonIfThere(join(folder, "special_tokens_map.json")) : undefined;
  const specialTokens = found ?? defaults.specialTokens;
  const token = (key: string) => tokenIn(config, key) ?? tokenIn(specialTokens, key);
  const tokenizer = {
    ...tables,
    config,
    specialTokens,
    startToken: token("bos_token") ?? startToken,
    endToken: token("eos_token") ?? endToken,
    padToken: token("pad_token") ?? (role === "first" ? endToken : "!"),
  };
  for (const text of [tokenizer.startToken, tokenizer.endToken, tokenizer.padToken])
    if (!tables.vocabulary.has(text)) throw damaged(own, `lacks the token ${JSON.stringify(text)}`);
  return tokenizer;
}

/** Writes a tokenizer as hub repositories hold it. */
export async function writeTokenizerFiles(tokenizer: ClipTokenizer, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  await writeFile(join(folder, "vocab.json"), JSON.stringify(Object.fromEntries(tokenizer.vocabulary)));
  const lines = tokenizer.merges.map((pair) => pair.join(" "));
  await writeFile(join(folder, "merges.txt"), `${["#version: 0.2", ...lines].join("\n")}\n`);
  await writeFile(join(folder, "tokenizer_config.json"), json(tokenizer.config));
  await writeFile(join(folder, "special_tokens_map.json"), json(tokenizer.specialTokens));
  if (tokenizer.fastFile) await copyFile(tokenizer.fastFile, join(folder, "tokenizer.json"));
}
