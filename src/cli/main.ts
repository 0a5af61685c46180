import { printable } from "../platform/printable.ts";
import { limnerVersion } from "../platform/version.ts";
import { LimnerError, messageOf } from "../protocol/limnerError.ts";
import { runConvert } from "./convert.ts";
import { runDoctor } from "./doctor.ts";
import { runGenerate } from "./generate.ts";
import { runModels } from "./models.ts";

const help = `Usage: limner COMMAND [options]

  generate PROMPT…  draw images (npm start -- PROMPT… is the same)
  convert SOURCE    convert a checkpoint to a folder of OpenVINO IR
  models            find, get, convert, check and remove models
  doctor            show what was found: the runtime, devices, folders
  help              print this
  version           print Limner's version

limner COMMAND --help explains a command.
`;

/** Runs the command line. @returns the exit code: 0 done, 1 failed, 2 wrong usage, 130 cancelled */
async function run(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case "generate":
      return runGenerate(rest);
    case "convert":
      return runConvert(rest);
    case "models":
      return runModels(rest);
    case "doctor":
      return runDoctor(rest);
    case "help":
    case "--help":
    case "-h":
      process.stdout.write(help);
      return 0;
    case "version":
    case "--version":
      process.stdout.write(`${limnerVersion()}\n`);
      return 0;
    case undefined:
      process.stderr.write(help);
      return 2;
    default:
      throw new LimnerError("usage", `There is no command "${command}". See limner help.`);
  }
}

function exitCodeOf(error: unknown): number {
  if (!(error instanceof LimnerError)) return 1;
  switch (error.code) {
    case "usage":
    case "invalid-request":
      return 2;
    case "cancelled":
      return 130;
    default:
      return 1;
  }
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`limner: ${printable(messageOf(error))}\n`);
  if (process.env["LIMNER_DEBUG"] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exitCode = exitCodeOf(error);
}
