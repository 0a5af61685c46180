import { existsSync } from "node:fs";
import { join } from "node:path";
import { findLibrary, isFile } from "./libraryFile.ts";
import { installedFolder, pythons } from "./python.ts";
import { recall } from "./remembered.ts";
import type { Backend } from "./runtime.ts";
import type { Surroundings } from "./surroundings.ts";
import { wheelFolder } from "./wheel.ts";

/** Where a runtime may come from, in the order in which Limner looks. */
export type Source =
  | "setting"
  | "openvino-node"
  | "downloaded"
  | "carried"
  | "remembered"
  | "python"
  | "system";

/** A runtime that seems to be there; whether it works, loading it tells. */
export interface RuntimeLocation {
  readonly source: Source;
  readonly backend: Backend;
  /** The C library, or openvino-node's addon. */
  readonly path: string;
}

/** One thing that was looked at, for `limner doctor`. */
export interface Attempt {
  readonly source: Source | "installer" | "download";
  /** What was looked at: a path, a command. */
  readonly tried: string;
  readonly outcome: "works" | "not there" | "failed";
  /** Why it failed, or what is there. */
  readonly detail?: string;
}

export interface Wanted {
  /** The C library or a folder that holds it: then nothing else is looked at. */
  readonly library?: string;
  readonly backend: Backend | "auto";
}

/** openvino-node needs this Node. */
export const nodeMajorOfBinding = 21;

/** Looks for runtimes, best first, each only when those before it did not do. Notes what is not there. */
export async function* candidates(
  wanted: Wanted,
  surroundings: Surroundings,
  note: (attempt: Attempt) => void,
): AsyncGenerator<RuntimeLocation> {
  if (wanted.backend !== "c-api" && wanted.library === undefined) yield* nodeBinding(surroundings, note);
  if (wanted.backend !== "openvino-node") yield* libraries(wanted, surroundings, note);
}

function* nodeBinding(
  { nodePackage, nodeMajor }: Surroundings,
  note: (attempt: Attempt) => void,
): Generator<RuntimeLocation> {
  const source = "openvino-node";
  if (nodePackage === undefined) {
    note({ source, tried: "the package openvino-node", outcome: "not there" });
    return;
  }
  const addon = addonPath(nodePackage);
  if (!existsSync(addon)) {
    note({ source, tried: addon, outcome: "not there" });
  } else if (nodeMajor < nodeMajorOfBinding) {
    const detail = `it needs Node ${nodeMajorOfBinding} or newer, this is ${nodeMajor}`;
    note({ source, tried: addon, outcome: "failed", detail });
  } else {
    yield { source, backend: "openvino-node", path: addon };
  }
}

/** Where openvino-node's installer puts its binary. */
export function addonPath(nodePackage: string): string {
  return join(nodePackage, "bin", "ov_node_addon.node");
}

async function* libraries(
  wanted: Wanted,
  surroundings: Surroundings,
  note: (attempt: Attempt) => void,
): AsyncGenerator<RuntimeLocation> {
  const { platform } = surroundings;
  const look = (source: Source, path: string): RuntimeLocation[] => {
    const library = findLibrary(path, platform);
    if (library === undefined) note({ source, tried: path, outcome: "not there" });
    return library === undefined ? [] : [{ source, backend: "c-api", path: library }];
  };
  if (wanted.library !== undefined) {
    yield* look("setting", wanted.library);
    return;
  }
  // What the user had Limner fetch can do more than what a packaged Limner carries, which is for the CPU only.
  yield* look("downloaded", wheelFolder(surroundings));
  if (surroundings.carried !== undefined) yield* look("carried", surroundings.carried);
  const remembered = recall(surroundings);
  if (remembered !== undefined && isFile(remembered)) {
    yield { source: "remembered", backend: "c-api", path: remembered };
  }
  for (const python of pythons(platform)) {
    const tried = `${python.join(" ")} with the package openvino`;
    const { folder, failure } = await installedFolder(surroundings, python);
    if (folder !== undefined) yield* look("python", folder);
    else if (failure === undefined) note({ source: "python", tried, outcome: "not there" });
    else note({ source: "python", tried, outcome: "failed", detail: failure });
  }
  for (const folder of surroundings.systemFolders) yield* look("system", folder);
}
