import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { lastLine, pythons } from "../src/openvino/python.ts";
import { pipDownload, wheels, wheelVersion } from "../src/openvino/wheel.ts";
import { runCommand } from "../src/platform/command.ts";
import type { Target } from "./targets.ts";

/** Python that takes the named files out of a zip, each into the folder given, without the folders it was in. */
const extractScript = `
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in sys.argv[3:]:
        with open(os.path.join(sys.argv[2], os.path.basename(name)), "wb") as file:
            file.write(wheel.read(name))
`;

/** The licenses of OpenVINO, oneTBB, oneDNN and what they hold, in every wheel. */
const licenses = [
  "LICENSE",
  "licensing/onednn_third-party-programs.txt",
  "licensing/onetbb_third-party-programs.txt",
  "licensing/runtime-third-party-programs.txt",
];

/**
 * Puts OpenVINO's CPU runtime for a target into `folder`, and its licenses into `folder/licenses`.
 * @param downloads where wheels are kept between runs
 * @throws Error where pip fails, or the wheel is not the one whose hash is in the table
 */
export async function carryOpenVino(target: Target, folder: string, downloads: string): Promise<void> {
  const wheel = await wheelOf(target, downloads);
  const information = `openvino-${wheelVersion}.dist-info/licenses`;
  await extract(
    wheel,
    folder,
    target.libraries.map((name) => `openvino/libs/${name}`),
  );
  await extract(
    wheel,
    join(folder, "licenses"),
    licenses.map((name) => `${information}/${name}`),
  );
}

async function wheelOf(target: Target, downloads: string): Promise<string> {
  const kept = join(downloads, `openvino-${wheelVersion}-${target.name}.whl`);
  if (hashOf(kept) === target.wheelHash) return kept;
  const platform = wheels[`${target.os} ${target.cpu}`]?.[0];
  if (platform === undefined) throw new Error(`OpenVINO has no wheel for ${target.name}.`);
  mkdirSync(downloads, { recursive: true });
  const temporary = mkdtempSync(join(downloads, "partial-"));
  try {
    await python(pipDownload(platform, temporary));
    const name = readdirSync(temporary).find((entry) => entry.endsWith(".whl"));
    if (name === undefined) throw new Error(`pip left no wheel in ${temporary}.`);
    const file = join(temporary, name);
    const hash = hashOf(file);
    if (hash !== target.wheelHash) {
      throw new Error(`${name} has the SHA-256 ${hash}, not ${target.wheelHash}: it is another file.`);
    }
    renameSync(file, kept);
    return kept;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function extract(archive: string, folder: string, names: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await python(["-c", extractScript, archive, folder, ...names]);
}

/** The file's SHA-256, in hexadecimal; nothing where there is no file. */
function hashOf(file: string): string | undefined {
  try {
    return createHash("sha256").update(readFileSync(file)).digest("hex");
  } catch {
    return undefined;
  }
}

/** Runs the first Python that there is. */
async function python(parameters: readonly string[]): Promise<void> {
  for (const [command, ...first] of pythons(process.platform)) {
    const { status, stderr, failure } = await runCommand(command, [...first, ...parameters]);
    if (status === 0) return;
    if (status !== undefined) throw new Error(`${command} failed: ${lastLine(stderr)}`);
    if (failure !== "there is no such command") throw new Error(`${command} failed: ${failure}.`);
  }
  throw new Error("Packaging needs Python 3 with pip, which downloads OpenVINO's wheel.");
}
