import { existsSync } from "node:fs";
import { join } from "node:path";
import { LimnerError, messageOf } from "../protocol/limnerError.ts";
import { type Attempt, addonPath, nodeMajorOfBinding } from "./candidates.ts";
import { type FindOptions, type Found, findRuntime, wantedOf } from "./find.ts";
import { lastLine } from "./python.ts";
import { type Surroundings, thisMachine } from "./surroundings.ts";
import { type FetchOptions, fetchWheel, wheelVersion } from "./wheel.ts";

export type SetupOptions = FindOptions & FetchOptions;

/** openvino-node's installer ends by itself after 30 s without an answer; this is for one that trickles. */
const installerTimeout = 180_000;

/**
 * Makes sure that there is an OpenVINO: takes the one that is there, else downloads one (openvino-node's binary
 * where its storage can be reached, else the wheel, through pip). A second call finds what the first fetched.
 * @returns what was found, with every attempt
 * @throws LimnerError("cancelled"), LimnerError("usage")
 */
export async function setupRuntime(options: SetupOptions = {}): Promise<Found> {
  const { surroundings = thisMachine() } = options;
  const found = await findRuntime({ ...options, surroundings });
  const { backend, library } = wantedOf(options, surroundings);
  if (found.runtime !== undefined || library !== undefined) return found;
  const attempts = [...found.attempts];
  if (backend !== "c-api") {
    const installed = await runInstaller(surroundings, options);
    attempts.push(installed);
    const second =
      installed.outcome === "works" ? await findRuntime({ ...options, surroundings }) : undefined;
    if (second?.runtime !== undefined) return { ...second, attempts: [...attempts, ...second.attempts] };
  }
  if (backend === "openvino-node") return { attempts };
  const tried = `pip download openvino==${wheelVersion}`;
  try {
    const path = await fetchWheel(surroundings, options);
    attempts.push({ source: "download", tried, outcome: "works", detail: path });
  } catch (error) {
    if (error instanceof LimnerError && error.code === "cancelled") throw error;
    return {
      attempts: [...attempts, { source: "download", tried, outcome: "failed", detail: messageOf(error) }],
    };
  }
  const last = await findRuntime({ ...options, surroundings });
  return { ...last, attempts: [...attempts, ...last.attempts] };
}

/** Lets openvino-node fetch its binary. That it cannot is no failure: there is the wheel. */
async function runInstaller(surroundings: Surroundings, options: FetchOptions): Promise<Attempt> {
  const { nodePackage, nodeMajor } = surroundings;
  const source = "installer";
  const script = join(nodePackage ?? "openvino-node", "scripts", "download-runtime.js");
  if (nodePackage === undefined || !existsSync(script))
    return { source, tried: script, outcome: "not there" };
  if (nodeMajor < nodeMajorOfBinding) {
    const detail = `openvino-node needs Node ${nodeMajorOfBinding} or newer, this is ${nodeMajor}`;
    return { source, tried: script, outcome: "failed", detail };
  }
  options.onProgress?.("Trying openvino-node's own download…");
  // A run that was cut off leaves a folder behind, which it would take for a finished one without --force.
  const result = await surroundings.run(surroundings.node, [script, "--force"], {
    timeout: installerTimeout,
    signal: options.signal,
  });
  if (options.signal?.aborted) throw new LimnerError("cancelled", "Cancelled.");
  if (result.status === 0 && existsSync(addonPath(nodePackage))) {
    return { source, tried: script, outcome: "works" };
  }
  const reason = /Failed to download OpenVINO runtime: (.*?)\.*$/m.exec(result.stderr)?.[1];
  return {
    source,
    tried: script,
    outcome: "failed",
    detail: reason ?? result.failure ?? lastLine(result.stderr),
  };
}
