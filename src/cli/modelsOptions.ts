import { parseArgs } from "node:util";
import { type WeightFormat, weightFormats } from "../convert/conversion.ts";
import { LimnerError, messageOf } from "../protocol/limnerError.ts";

export const modelsHelp = `Usage: limner models COMMAND [options]

  list                 the models and LoRAs that can be used by name, and downloads that did not end
    --available          the models of the catalogue that can be fetched
  inspect WHAT         what a model is: one of the list, a folder, a file, or a repository of the hub
  get WHAT             fetch a model from Hugging Face's hub, and convert it where it is a checkpoint
                       (a name of the catalogue, OWNER/NAME, OWNER/NAME/FILE.safetensors, or a page's address;
                       the name of a model that came from the hub gets its newest commit)
    --name NAME          how it is to be called
    --revision NAME      a branch, tag or commit (default: main)
    --accept-license     accept the license that is shown
    --no-convert         only fetch a checkpoint
  import PATH          take in a folder or file of your own: OpenVINO IR, a checkpoint, a LoRA
    --name NAME          how it is to be called
    --copy               copy IR and LoRAs into Limner's folder; otherwise they stay where they are
  convert NAME         convert a fetched checkpoint, or convert it with other weights
  verify [NAME]…       read all files again and compare their checksums (default: every model)
    --repair             fetch damaged files again
  remove NAME          delete what Limner made or fetched; files of your own stay
                       (or OWNER/NAME: what a download that did not end has left)
    --source             only the checkpoint that the model was converted from

  --weights FORMAT     for get, import and convert: fp32, fp16, int8 or int4 (default: int8)
  --group-size N       for int4: how many weights of a row share a scale (default: 64)
  --json               print JSON
  --help               print this page

HF_TOKEN, HF_ENDPOINT, HF_HUB_OFFLINE, HF_HOME, HF_HUB_CACHE, HTTPS_PROXY, HTTP_PROXY and NO_PROXY act as in Hugging Face's tools.
`;

const commands = ["list", "inspect", "get", "import", "convert", "verify", "remove"] as const;
type CommandName = (typeof commands)[number];

/** A command line of `limner models`. */
export interface ModelsCommand {
  readonly command: CommandName;
  readonly operands: readonly string[];
  readonly available: boolean;
  readonly acceptLicense: boolean;
  readonly convert: boolean;
  readonly copy: boolean;
  readonly repair: boolean;
  readonly source: boolean;
  readonly json: boolean;
  readonly name?: string;
  readonly revision?: string;
  readonly weights?: WeightFormat;
  readonly groupSize?: number;
}

const flag = { type: "boolean" } as const;
const text = { type: "string" } as const;
const options = {
  available: flag,
  "accept-license": flag,
  "no-convert": flag,
  copy: flag,
  repair: flag,
  source: flag,
  json: flag,
  help: { ...flag, short: "h" },
  name: text,
  revision: text,
  weights: text,
  "group-size": text,
} as const;

/** The options that each command takes beside `--json`. */
const optionsOf: Readonly<Record<CommandName, readonly (keyof typeof options)[]>> = {
  list: ["available"],
  inspect: ["revision"],
  get: ["name", "revision", "accept-license", "no-convert", "weights", "group-size"],
  import: ["name", "copy", "weights", "group-size"],
  convert: ["weights", "group-size"],
  verify: ["repair"],
  remove: ["source"],
};

function usage(message: string): LimnerError {
  return new LimnerError("usage", `${message} See limner models --help.`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    throw usage(`${messageOf(error).split(". ")[0]}.`);
  }
}

function weightsOf(value: string | undefined): WeightFormat | undefined {
  const found = weightFormats.find((format) => format === value);
  if (value !== undefined && !found) throw usage(`--weights is ${weightFormats.join(", ")}, not "${value}".`);
  return found;
}

function groupSizeOf(value: string | undefined, weights: WeightFormat | undefined): number | undefined {
  if (value === undefined) return undefined;
  const size = Number(value);
  if (!Number.isInteger(size) || size < 2 || size > 65_536)
    throw usage(`--group-size is a whole number from 2 to 65536, not "${value}".`);
  if (weights !== "int4") throw usage("--group-size only goes with --weights int4.");
  return size;
}

function checkOperands(command: CommandName, operands: readonly string[]): void {
  if (command === "verify") return;
  const wanted = command === "list" ? 0 : 1;
  if (operands.length < wanted) throw usage(`limner models ${command} needs to know which model.`);
  if (operands.length > wanted)
    throw usage(`"${operands[wanted]}" is one too many for limner models ${command}.`);
}

/** Parses the command line of `limner models`. @throws LimnerError `usage` */
export function parseModelsCommand(args: readonly string[]): ModelsCommand | "help" {
  const { values, positionals } = parse(args);
  if (values.help) return "help";
  const [first, ...operands] = positionals;
  const command = commands.find((name) => name === first);
  if (!command)
    throw usage(first === undefined ? "Which command?" : `There is no command "limner models ${first}".`);
  for (const name of Object.keys(values))
    if (name !== "json" && !(optionsOf[command] as readonly string[]).includes(name))
      throw usage(`--${name} does not go with limner models ${command}.`);
  checkOperands(command, operands);
  const weights = weightsOf(values.weights);
  return {
    command,
    operands,
    available: values.available ?? false,
    acceptLicense: values["accept-license"] ?? false,
    convert: !values["no-convert"],
    copy: values.copy ?? false,
    repair: values.repair ?? false,
    source: values.source ?? false,
    json: values.json ?? false,
    name: values.name,
    revision: values.revision,
    weights,
    groupSize: groupSizeOf(values["group-size"], weights),
  };
}
