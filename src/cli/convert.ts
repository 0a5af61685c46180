import { resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  type ConvertRequest,
  type LoraChoice,
  type LoraReport,
  type PredictionTypeName,
  predictionTypes,
  type WeightFormat,
  weightFormats,
} from "../convert/conversion.ts";
import { convertModel } from "../convert/convertModel.ts";
import { LimnerError, messageOf } from "../protocol/limnerError.ts";
import { conversionSentence } from "./conversionSentence.ts";
import { interruption } from "./interruption.ts";
import { parseLora } from "./optionValues.ts";
import type { ProgressOutput } from "./progressLine.ts";
import { WorkLine } from "./workLine.ts";

const help = `Usage: limner convert SOURCE --out DIR [options]

Converts a Stable Diffusion XL checkpoint (a .safetensors file or a folder in diffusers' layout) to a folder of
OpenVINO IR that Limner, Optimum Intel and OpenVINO GenAI load.

  --out DIR               the folder to write; it must not exist or be empty
  --weights FORMAT        fp32, fp16, int8 or int4 (default: int8)
  --group-size N          for int4: how many weights of a row share a scale (default: 64)
  --lora FILE[:SCALE]     a LoRA to merge; may be given several times (default scale: 1)
  --prediction-type NAME  epsilon, v_prediction or sample, where the checkpoint does not say it
  --config DIR            for a single file of unusual shape: a diffusers folder with its configuration
  --json                  print a JSON object instead of the folder
  --help                  print this page
`;

/** Where results and progress go. */
export interface ConvertIo {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: ProgressOutput;
  readonly signal?: AbortSignal;
}

interface ConvertCommand {
  readonly request: ConvertRequest;
  readonly json: boolean;
}

function usage(message: string): LimnerError {
  return new LimnerError("usage", `${message} See limner convert --help.`);
}

function oneOf<T extends string>(
  option: string,
  value: string | undefined,
  known: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const found = known.find((name) => name === value);
  if (!found) throw usage(`--${option} is ${known.join(", ")}, not "${value}".`);
  return found;
}

function loraChoice(value: string): LoraChoice {
  const { name, scale } = parseLora(value);
  return { file: resolve(name), scale };
}

function parseGroupSize(value: string | undefined, weights: WeightFormat | undefined): number | undefined {
  if (value === undefined) return undefined;
  const size = Number(value);
  if (!Number.isInteger(size) || size < 2 || size > 65536)
    throw usage(`--group-size is a whole number from 2 to 65536, not "${value}".`);
  if (weights !== "int4") throw usage("--group-size only goes with --weights int4.");
  return size;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        out: { type: "string" },
        weights: { type: "string" },
        "group-size": { type: "string" },
        lora: { type: "string", multiple: true },
        "prediction-type": { type: "string" },
        config: { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw usage(messageOf(error));
  }
}

/** Parses the command line of `limner convert`. @throws LimnerError("usage") */
export function parseConvertCommand(args: readonly string[]): ConvertCommand | "help" {
  const { values, positionals } = parse(args);
  if (values.help) return "help";
  const [source, ...rest] = positionals;
  if (source === undefined) throw usage("Which checkpoint? Give a .safetensors file or a folder.");
  if (rest.length > 0) throw usage(`One checkpoint is converted at a time; "${rest[0]}" is one too many.`);
  if (!values.out) throw usage("Where to? Give --out DIR.");
  const weights = oneOf("weights", values.weights, weightFormats);
  return {
    json: values.json ?? false,
    request: {
      source,
      out: values.out,
      weights,
      groupSize: parseGroupSize(values["group-size"], weights),
      loras: (values.lora ?? []).map(loraChoice),
      predictionType: oneOf<PredictionTypeName>(
        "prediction-type",
        values["prediction-type"],
        predictionTypes,
      ),
      configuration: values.config,
    },
  };
}

function loraSentence({ file, merged, unmatched }: LoraReport): string {
  const modules = merged === 1 ? "1 module" : `${merged} modules`;
  if (unmatched.length === 0) return `${file}: ${modules} merged.`;
  return `${file}: ${modules} merged; ${unmatched.length} of its modules are not in this model (${unmatched[0]}, …).`;
}

/**
 * `limner convert`: converts in this process.
 * @returns the exit code
 * @throws LimnerError
 */
export async function runConvert(args: readonly string[], io?: ConvertIo): Promise<number> {
  const { stdout, stderr } = io ?? process;
  const command = parseConvertCommand(args);
  if (command === "help") {
    stdout.write(help);
    return 0;
  }
  const line = new WorkLine(stderr);
  try {
    const result = await convertModel(command.request, {
      signal: io?.signal ?? interruption(),
      onProgress: (progress) =>
        line.show(
          "convert",
          conversionSentence(progress),
          progress.bytesDone / Math.max(1, progress.bytesTotal),
        ),
      onLora: (report) => line.note(loraSentence(report)),
    });
    line.end();
    stdout.write(command.json ? `${JSON.stringify(result)}\n` : `${result.folder}\n`);
    return 0;
  } finally {
    line.end();
  }
}
