import { mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../platform/lock.ts";
import { LimnerError, messageOf } from "../protocol/limnerError.ts";
import { findLibrary } from "./libraryFile.ts";
import { lastLine, type Python, pythons, runPython } from "./python.ts";
import type { Surroundings } from "./surroundings.ts";

/** The OpenVINO that Limner fetches, and is tested with. */
export const wheelVersion = "2026.4.1";

/** pip's names of the platforms that OpenVINO has wheels for, with the size of the download in MB. */
export const wheels: Readonly<Record<string, readonly [platform: string, megabytes: number]>> = {
  "linux x64": ["manylinux_2_28_x86_64", 59],
  "linux arm64": ["manylinux_2_35_aarch64", 30],
  "win32 x64": ["win_amd64", 85],
  "darwin arm64": ["macosx_11_0_arm64", 33],
};

/** Of the wheel, only OpenVINO's own libraries are unpacked, without the readers of formats other than IR. */
const unpackScript = `
import re, sys, zipfile
needed = re.compile(r"openvino/libs/[^/]+")
unneeded = re.compile(r"_(gguf|jax|onnx|paddle|pytorch|tensorflow|tensorflow_lite)_frontend|\\.(lib|pc)$")
with zipfile.ZipFile(sys.argv[1]) as wheel:
    names = [name for name in wheel.namelist() if needed.fullmatch(name) and not unneeded.search(name)]
    wheel.extractall(sys.argv[2], names)
`;

export interface FetchOptions {
  /** Called with a line for the user each time there is news. */
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** The folder that the wheel is unpacked into: one for each version, platform and processor. */
export function wheelFolder({ folder, platform, architecture }: Surroundings): string {
  return join(folder, `${wheelVersion}-${platform}-${architecture}`);
}

/**
 * Downloads OpenVINO's wheel with pip and unpacks it. Another process that does the same is waited for; the
 * folder appears whole or not at all.
 * @returns the path of the C library
 * @throws LimnerError("runtime-not-found") that says what is missing, LimnerError("cancelled")
 */
export async function fetchWheel(surroundings: Surroundings, options: FetchOptions = {}): Promise<string> {
  const wheel = wheels[`${surroundings.platform} ${surroundings.architecture}`];
  if (wheel === undefined) {
    throw new LimnerError(
      "runtime-not-found",
      `OpenVINO has no download for ${surroundings.platform} on ${surroundings.architecture}. Build it and set LIMNER_OPENVINO_LIB to its folder.`,
    );
  }
  const say = options.onProgress ?? (() => {});
  const lock = join(surroundings.folder, "setup.lock");
  const onWait = () => say("Waiting for another Limner that sets OpenVINO up…");
  try {
    return await withLock(
      lock,
      async () => {
        const there = findLibrary(wheelFolder(surroundings), surroundings.platform);
        return there ?? (await downloadAndUnpack(surroundings, wheel, say, options.signal));
      },
      { signal: options.signal, onWait },
    );
  } catch (error) {
    if (options.signal?.aborted) throw new LimnerError("cancelled", "Cancelled.", { cause: error });
    if (error instanceof LimnerError) throw error;
    throw failure(
      messageOf(error),
      `Check that ${surroundings.folder} can be written and the disk has room.`,
    );
  }
}

async function downloadAndUnpack(
  surroundings: Surroundings,
  [platform, megabytes]: readonly [string, number],
  say: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<string> {
  const temporary = await mkdtemp(join(surroundings.folder, "partial-"));
  const watch = watchDownload(temporary, megabytes, say);
  try {
    const python = await pipFor(surroundings, signal);
    say(`Downloading OpenVINO ${wheelVersion} (${megabytes} MB)…`);
    const file = await download(surroundings, python, platform, temporary, signal);
    watch.stop();
    signal?.throwIfAborted();
    say("Unpacking OpenVINO…");
    const unpacked = join(temporary, "unpacked");
    const unpack = await runPython(surroundings, python, ["-c", unpackScript, file, unpacked], { signal });
    if (unpack.status !== 0) {
      const reason = unpack.failure ?? lastLine(unpack.stderr);
      throw failure(`the download cannot be unpacked: ${reason}`, "Check that the disk has 300 MB of room.");
    }
    const folder = wheelFolder(surroundings);
    await rm(folder, { recursive: true, force: true });
    await rename(join(unpacked, "openvino", "libs"), folder);
    const library = findLibrary(folder, surroundings.platform);
    if (library !== undefined) return library;
    throw failure(
      `${file} holds no libopenvino_c`,
      "Set LIMNER_OPENVINO_LIB to the folder of another OpenVINO.",
    );
  } finally {
    watch.stop();
    await rm(temporary, { recursive: true, force: true });
  }
}

async function download(
  surroundings: Surroundings,
  python: Python,
  platform: string,
  temporary: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const parameters = pipDownload(platform, temporary);
  // pip writes what it has so far into the temporary folder: there it can be watched.
  const env = { TMPDIR: temporary, TEMP: temporary, TMP: temporary };
  const result = await runPython(surroundings, python, parameters, { env, signal });
  const name = (await readdir(temporary)).find((entry) => entry.endsWith(".whl"));
  if (result.status === 0 && name !== undefined) return join(temporary, name);
  throw failure(
    `pip could not download openvino ${wheelVersion}: ${result.failure ?? pipReason(result.stderr)}`,
    "Check the network (and pip's proxy or index settings) and run it again, or set LIMNER_OPENVINO_LIB to the folder of an OpenVINO that is already there.",
  );
}

/**
 * Python's parameters that download the wheel of a platform, whatever Python and machine they run on.
 * @param platform pip's name of it
 * @param folder where the wheel goes
 */
export function pipDownload(platform: string, folder: string): string[] {
  return [
    ...["-m", "pip", "download", "--disable-pip-version-check", "--no-input", "--quiet"],
    ...["--no-deps", "--only-binary=:all:", "--platform", platform, "--dest", folder],
    ...["--python-version", "3.12", "--implementation", "cp", "--abi", "cp312", `openvino==${wheelVersion}`],
  ];
}

/** Why pip failed. Its last line says "no matching distribution" also where it reached no index at all. */
function pipReason(stderr: string): string {
  const unreachable =
    /NewConnectionError|NameResolutionError|ConnectTimeout|ProxyError|SSLError|ReadTimeout/.test(stderr);
  return unreachable ? "the package index cannot be reached" : lastLine(stderr).replace(/^ERROR: /, "");
}

/** The first Python that has pip. */
async function pipFor(surroundings: Surroundings, signal: AbortSignal | undefined): Promise<Python> {
  const reasons: string[] = [];
  for (const python of pythons(surroundings.platform)) {
    const result = await runPython(surroundings, python, ["-m", "pip", "--version"], {
      timeout: 30_000,
      signal,
    });
    if (result.status === 0) return python;
    reasons.push(`${python.join(" ")}: ${result.failure ?? lastLine(result.stderr)}`);
  }
  throw failure(
    `Python 3 with pip is needed (${reasons.join("; ")})`,
    "Install Python 3 and pip, and run it again.",
  );
}

function failure(reason: string, remedy: string): LimnerError {
  return new LimnerError("runtime-not-found", `OpenVINO could not be set up: ${reason}. ${remedy}`);
}

/** Tells every two seconds how much of the download has arrived. */
function watchDownload(folder: string, megabytes: number, say: (line: string) => void): { stop(): void } {
  let told = 0;
  const timer = setInterval(async () => {
    const arrived = Math.floor((await bytesIn(folder)) / 1e6);
    if (arrived <= told || arrived >= megabytes) return;
    told = arrived;
    say(`Downloading OpenVINO ${wheelVersion}: ${arrived} of ${megabytes} MB`);
  }, 2000);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** The size of all files below a folder that may change at any moment. */
async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = names.map((name) =>
    stat(join(folder, name)).then(
      (entry) => (entry.isFile() ? entry.size : 0),
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
