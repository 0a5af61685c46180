import { mkdir } from "node:fs/promises";
import { parse } from "node:path";
import type { CommandResult, RunCommand } from "../platform/command.ts";
import type { Surroundings } from "./surroundings.ts";

/** A way to start Python: the program and the parameters that come first. */
export type Python = readonly [command: string, ...parameters: string[]];

const questionTimeout = 10_000;

/** The ways to start Python 3 on a platform, best first. */
export function pythons(platform: NodeJS.Platform): readonly Python[] {
  return platform === "win32" ? [["py", "-3"], ["python"], ["python3"]] : [["python3"], ["python"]];
}

/**
 * Runs Python in Limner's own folder (where that cannot be made, in the root): Python looks for modules in the current folder first, and a workspace is
 * not to be trusted with that.
 */
export async function runPython(
  surroundings: Surroundings,
  python: Python,
  parameters: readonly string[],
  options: Parameters<RunCommand>[2] = {},
): Promise<CommandResult> {
  const [command, ...first] = python;
  const cwd = await mkdir(surroundings.folder, { recursive: true }).then(
    () => surroundings.folder,
    () => parse(surroundings.folder).root,
  );
  return surroundings.run(command, [...first, ...parameters], { cwd, ...options });
}

const whereIsOpenVino = `
import importlib.util
found = importlib.util.find_spec("openvino")
print(list(found.submodule_search_locations)[0] if found and found.submodule_search_locations else "")
`;

/** The folder of a pip-installed `openvino`; undefined where Python has none; or why Python cannot tell. */
export async function installedFolder(
  surroundings: Surroundings,
  python: Python,
): Promise<{ readonly folder?: string; readonly failure?: string }> {
  const result = await runPython(surroundings, python, ["-c", whereIsOpenVino], { timeout: questionTimeout });
  if (result.status !== 0) return { failure: result.failure ?? lastLine(result.stderr) };
  const folder = result.stdout.trim();
  return folder === "" ? {} : { folder };
}

/** The last line that says something: where Python and pip put the reason of a failure. */
export function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() ?? "";
}
