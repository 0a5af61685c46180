import { resolve } from "node:path";
import { LimnerError, messageOf } from "../protocol/limnerError.ts";
import { type Attempt, candidates, type RuntimeLocation, type Wanted } from "./candidates.ts";
import { remember } from "./remembered.ts";
import type { Backend, Runtime } from "./runtime.ts";
import { type Surroundings, thisMachine } from "./surroundings.ts";

export interface FindOptions {
  /** The C library or a folder that holds it; `LIMNER_OPENVINO_LIB` where it is not given. */
  readonly library?: string;
  /** `LIMNER_BACKEND` where it is not given or "auto". */
  readonly backend?: Backend | "auto";
  readonly surroundings?: Surroundings;
  /** How a location becomes a runtime. */
  readonly load?: (location: RuntimeLocation) => Promise<Runtime>;
}

/** What a search came to; without `runtime` none works, and `attempts` say why. */
export interface Found {
  readonly runtime?: Runtime;
  readonly location?: RuntimeLocation;
  readonly attempts: readonly Attempt[];
}

/**
 * Looks for an OpenVINO on this machine and loads the first that works: the setting, openvino-node's binary, what
 * was downloaded, what a packaged Limner carries, what was found before, a pip-installed one, one of the system's.
 * Downloads nothing.
 * @throws LimnerError("usage") for a backend that there is not
 */
export async function findRuntime(options: FindOptions = {}): Promise<Found> {
  const { surroundings = thisMachine(), load = loadRuntime } = options;
  const wanted = wantedOf(options, surroundings);
  const attempts: Attempt[] = [];
  for await (const location of candidates(wanted, surroundings, (attempt) => attempts.push(attempt))) {
    const { source, path: tried } = location;
    try {
      const runtime = await load(location);
      attempts.push({ source, tried, outcome: "works", detail: runtime.version });
      if (source === "python" || source === "system") await remember(surroundings, tried);
      return { runtime, location, attempts };
    } catch (error) {
      attempts.push({ source, tried, outcome: "failed", detail: messageOf(error) });
    }
  }
  return { attempts };
}

/**
 * The runtime that `findRuntime` finds.
 * @throws LimnerError("runtime-not-found") that names what was tried and the remedy
 */
export async function openRuntime(options: FindOptions = {}): Promise<Runtime> {
  const { runtime, attempts } = await findRuntime(options);
  if (runtime === undefined) throw notFound(attempts);
  return runtime;
}

/** The sources whose failure is what the user has to know: what they asked for, and what Limner fetched or carries. */
const tellingSources = ["download", "setting", "downloaded", "carried"] as const;

/** The sentence for a search that came to nothing. */
export function notFound(attempts: readonly Attempt[]): LimnerError {
  for (const source of tellingSources) {
    const failed = attempts.find((attempt) => attempt.source === source && attempt.outcome === "failed");
    if (failed?.detail !== undefined) return new LimnerError("runtime-not-found", failed.detail);
  }
  const setting = attempts.find((attempt) => attempt.source === "setting");
  return new LimnerError(
    "runtime-not-found",
    setting === undefined
      ? 'OpenVINO is not set up. Run "npm run setup:runtime", or set LIMNER_OPENVINO_LIB to the folder that holds its library. "limner doctor" shows what was tried.'
      : `There is no OpenVINO library in ${setting.tried}. Set LIMNER_OPENVINO_LIB to libopenvino_c or the folder that holds it, or unset it.`,
  );
}

/** What the options and the environment ask for. @throws LimnerError("usage") */
export function wantedOf(options: FindOptions, { env }: Surroundings): Wanted {
  const given = options.backend ?? "auto";
  const backend = given === "auto" ? env["LIMNER_BACKEND"] || "auto" : given;
  if (backend !== "auto" && backend !== "c-api" && backend !== "openvino-node") {
    throw new LimnerError(
      "usage",
      `LIMNER_BACKEND is "${backend}", which is none of: auto, c-api, openvino-node.`,
    );
  }
  const library = options.library || env["LIMNER_OPENVINO_LIB"];
  return { backend, library: library ? resolve(library) : undefined };
}

/** Native code is loaded only when it is about to be used. */
async function loadRuntime(location: RuntimeLocation): Promise<Runtime> {
  switch (location.backend) {
    case "c-api": {
      const { openCApi } = await import("./c-api/runtime.ts");
      return openCApi(location.path);
    }
    case "openvino-node": {
      const { openNodeBinding } = await import("./node/runtime.ts");
      return openNodeBinding(location.path);
    }
  }
}
