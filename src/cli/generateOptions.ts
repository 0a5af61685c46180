import { resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  type GenerateField,
  type GenerateRequest,
  generateRequestSchema,
  helpOf,
} from "../protocol/generateRequest.ts";
import { LimnerError, messageOf } from "../protocol/limnerError.ts";
import { problemOf } from "../protocol/requestProblem.ts";
import {
  parseLora,
  parseNumber,
  parseNumbers,
  parsePoint,
  parseRange,
  parseSize,
  parseSwitch,
} from "./optionValues.ts";

/** How an option is written and what it becomes. */
interface FieldOption {
  /** Its value as `--help` shows it. */
  value: string;
  field: GenerateField;
  parse(option: string, value: string): unknown;
  /** Whether it may be given several times: the field is then a list. */
  repeatable?: boolean;
}

const text = (_option: string, value: string) => value;

/** A LoRA by its name, or by a file, whose path is made whole: the host has another working folder. */
function loraOf(value: string): { name: string; scale: number } {
  const { name, scale } = parseLora(value);
  return { name: /[\\/]|\.safetensors$/i.test(name) ? resolve(name) : name, scale };
}

/** The options that fill a field of the request, by name, in the order that `--help` lists them. */
const fieldOptions: Record<string, FieldOption> = {
  negative: { value: "TEXT", field: "negativePrompt", parse: text },
  model: { value: "NAME|DIR", field: "model", parse: text },
  size: { value: "WxH", field: "size", parse: parseSize },
  steps: { value: "N", field: "steps", parse: parseNumber },
  guidance: { value: "G", field: "guidanceScale", parse: parseNumber },
  seed: { value: "S", field: "seed", parse: parseNumber },
  count: { value: "N", field: "count", parse: parseNumber },
  scheduler: { value: "NAME", field: "scheduler", parse: text },
  sigmas: { value: "default|karras|exponential|beta", field: "sigmas", parse: text },
  "sigmas-list": { value: "A,B,…", field: "sigmasList", parse: parseNumbers },
  spacing: { value: "leading|trailing|linspace", field: "timestepSpacing", parse: text },
  eta: { value: "F", field: "eta", parse: parseNumber },
  "prompt-2": { value: "TEXT", field: "prompt2", parse: text },
  "negative-2": { value: "TEXT", field: "negativePrompt2", parse: text },
  image: { value: "FILE", field: "images", parse: (_, file) => resolve(file), repeatable: true },
  strength: { value: "S", field: "strength", parse: parseNumber },
  fit: { value: "cover|contain|stretch", field: "fit", parse: text },
  "keep-size": { value: "", field: "keepSize", parse: () => true },
  mask: { value: "FILE", field: "mask", parse: (_, file) => resolve(file) },
  grow: { value: "PX", field: "grow", parse: parseNumber },
  "mask-blur": { value: "PX", field: "maskBlur", parse: parseNumber },
  "mask-crop": { value: "PX", field: "maskCrop", parse: parseNumber },
  "keep-original": { value: "on|off", field: "keepOriginal", parse: parseSwitch },
  refiner: { value: "NAME|DIR", field: "refiner", parse: text },
  handoff: { value: "F", field: "handoff", parse: parseNumber },
  "refine-strength": { value: "F", field: "refineStrength", parse: parseNumber },
  "aesthetic-score": { value: "F", field: "aestheticScore", parse: parseNumber },
  "negative-aesthetic-score": { value: "F", field: "negativeAestheticScore", parse: parseNumber },
  "original-size": { value: "WxH", field: "originalSize", parse: parseSize },
  crop: { value: "X,Y", field: "cropsCoordsTopLeft", parse: parsePoint },
  "target-size": { value: "WxH", field: "targetSize", parse: parseSize },
  "negative-original-size": { value: "WxH", field: "negativeOriginalSize", parse: parseSize },
  "negative-crop": { value: "X,Y", field: "negativeCropsCoordsTopLeft", parse: parsePoint },
  "negative-target-size": { value: "WxH", field: "negativeTargetSize", parse: parseSize },
  "guidance-rescale": { value: "F", field: "guidanceRescale", parse: parseNumber },
  "guidance-range": { value: "A,B", field: "guidanceRange", parse: parseRange },
  "clip-skip": { value: "N", field: "clipSkip", parse: parseNumber },
  "long-prompts": { value: "chunk|cut", field: "longPrompts", parse: text },
  weighting: { value: "on|off", field: "weighting", parse: text },
  embedding: { value: "FILE", field: "embeddings", parse: (_, file) => resolve(file), repeatable: true },
  tile: { value: "x|y|xy", field: "tile", parse: text },
  upscale: { value: "F", field: "upscale", parse: parseNumber },
  "upscale-strength": { value: "F", field: "upscaleStrength", parse: parseNumber },
  "variation-seed": { value: "S", field: "variationSeed", parse: parseNumber },
  "variation-strength": { value: "F", field: "variationStrength", parse: parseNumber },
  "output-size": { value: "WxH", field: "outputSize", parse: parseSize },
  transparent: { value: "", field: "transparent", parse: () => true },
  lora: {
    value: "NAME|FILE[:SCALE]",
    field: "loras",
    parse: (_, value) => loraOf(value),
    repeatable: true,
  },
  precision: { value: "auto|f32", field: "precision", parse: text },
  device: { value: "NAME", field: "device", parse: text },
};

/** The options of the command itself. */
const commandOptions = {
  out: { value: "FILE|DIR", help: "where the images go (default: limner-output/)" },
  "latents-out": { value: "FILE", help: "also write the final latents, as a NumPy .npy of float32" },
  setup: {
    value: "",
    help: "first set OpenVINO up where it is missing, which downloads it (npm start does)",
  },
  host: {
    value: "",
    help: "draw in the background process that VS Code uses too, which keeps the model in memory for a while",
  },
  json: { value: "", help: "print one JSON object per image instead of its path" },
  help: { value: "", help: "print this page" },
} as const;

/** A command line of `limner generate`, parsed and validated. */
export interface GenerateCommand {
  request: GenerateRequest;
  out: string;
  latentsOut?: string;
  json: boolean;
  /** Whether OpenVINO may be downloaded. */
  setup: boolean;
  /** Whether the host draws instead of this process. */
  host: boolean;
}

/** The text of `limner generate --help`. */
export function generateHelp(): string {
  const rows: [string, string][] = [
    ...Object.entries(fieldOptions).map(([name, { value, field }]): [string, string] => [
      `--${name} ${value}`.trimEnd(),
      helpOf(field),
    ]),
    ...Object.entries(commandOptions).map(([name, { value, help }]): [string, string] => [
      `--${name} ${value}`.trimEnd(),
      help,
    ]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    "Usage: limner generate PROMPT… [options]",
    "",
    "Draws images of what the prompt says. Prompt words are joined by a space; an empty string is a valid prompt.",
    "",
    ...rows.map(([name, help]) => `  ${name.padEnd(width)}  ${help}`),
    "",
  ].join("\n");
}

/** The sentence for a field that the schema refuses. */
function refusal(
  path: readonly PropertyKey[],
  problem: string,
  values: Record<string, unknown>,
): LimnerError {
  const field = String(path[0]);
  const option = Object.entries(fieldOptions).find(([, entry]) => entry.field === field)?.[0];
  const value = option === undefined ? "" : ` "${String(values[option])}"`;
  return new LimnerError(
    "usage",
    `${option ? `--${option}${value}` : `The ${field}`} is not possible: ${problem}.`,
  );
}

/**
 * Parses the arguments of `limner generate`.
 * @returns `help` where help is asked for
 * @throws LimnerError `usage` that names the option and its value
 */
export function parseGenerateCommand(args: readonly string[]): GenerateCommand | "help" {
  const options: Record<string, { type: "string" | "boolean"; multiple?: boolean }> = {};
  for (const [name, { value, repeatable = false }] of Object.entries(fieldOptions)) {
    options[name] = { type: value ? "string" : "boolean", multiple: repeatable };
  }
  for (const [name, { value }] of Object.entries(commandOptions)) {
    options[name] = { type: value ? "string" : "boolean" };
  }
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const sentence = messageOf(error).split(". ")[0];
    throw new LimnerError("usage", `${sentence}. See limner generate --help.`);
  }
  const { values, positionals } = parsed;
  if (values["help"]) return "help";
  if (positionals.length === 0) {
    throw new LimnerError(
      "usage",
      'A prompt is missing: limner generate "a red circle on a blue background".',
    );
  }

  const request: Record<string, unknown> = { prompt: positionals.join(" ") };
  for (const [name, { field, parse }] of Object.entries(fieldOptions)) {
    const value = values[name];
    if (value === undefined) continue;
    const parseOne = (one: string | boolean) => parse(name, String(one));
    request[field] = Array.isArray(value) ? value.map(parseOne) : parseOne(value);
  }
  const checked = generateRequestSchema.safeParse(request);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw refusal(issue?.path ?? [], issue ? problemOf(issue) : "it is malformed", values);
  }
  const text = (name: string) => (typeof values[name] === "string" ? values[name] : undefined);
  return {
    request: checked.data,
    out: text("out") ?? "limner-output/",
    latentsOut: text("latents-out"),
    json: values["json"] === true,
    setup: values["setup"] === true,
    host: values["host"] === true,
  };
}
