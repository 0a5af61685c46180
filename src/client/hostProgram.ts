import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { thisUser, userDirectories } from "../platform/directories.ts";
import { hostFolder } from "../platform/hostEndpoint.ts";
import { findNode, type NodeProgram, thisProcess } from "../platform/nodeProgram.ts";
import { LimnerError, messageOf } from "../protocol/limnerError.ts";

/** Which host a client wants. */
export interface HostChoice {
  /** Folder of Limner, with `dist/host.js` in it. */
  packageFolder: string;
  version: string;
  /** Path of a Node that the user chose to run it on. */
  node?: string;
  /** What the host's environment has beside this process's, such as the settings that choose the runtime. */
  env?: Readonly<Record<string, string>>;
  /** Milliseconds without a client after which the host ends (default: 30 s). */
  idle?: number;
}

/** A host that can be started. */
export interface HostProgram {
  /** Where it keeps its token, its socket and its logs. */
  readonly folder: string;
  readonly script: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly idle: number | undefined;
  /** @throws LimnerError `host-failed` where there is no Node for it */
  node(): Promise<NodeProgram>;
}

/**
 * The program of the host that a client wants. Clients of the same version, build, user folders and runtime settings
 * come to the same folder, and so share one host.
 * @throws LimnerError `host-failed` where Limner's folder has no host in it
 */
export function hostProgram(choice: HostChoice): HostProgram {
  const script = join(choice.packageFolder, "dist", "host.js");
  const env = { ...process.env, ...choice.env };
  const { cache, data } = userDirectories({ ...thisUser(), env });
  const identity = {
    version: choice.version,
    build: buildOf(script),
    machine: hostname(),
    dataFolder: data,
    runtime: [env["LIMNER_BACKEND"] || "auto", env["LIMNER_OPENVINO_LIB"] ?? ""],
  };
  return {
    folder: hostFolder(cache, identity),
    script,
    env,
    idle: choice.idle,
    async node() {
      try {
        return await findNode(thisProcess(choice.packageFolder), choice.node);
      } catch (error) {
        throw new LimnerError("host-failed", messageOf(error), { cause: error });
      }
    },
  };
}

/** The script names the chunks it loads by their hashes, so that its own hash stands for all of them. */
function buildOf(script: string): string {
  try {
    return createHash("sha256").update(readFileSync(script)).digest("hex");
  } catch (error) {
    throw new LimnerError("host-failed", `${script} is missing: install Limner again.`, { cause: error });
  }
}
