import { findRuntime } from "../../src/openvino/find.ts";
import type { Backend, Runtime } from "../../src/openvino/runtime.ts";

/** The folder of the tiny IRs that `test/reference/make_contract_models.py` makes. */
export const models = "test/fixtures/openvino";

/** The C API adapter's runtime. Without an OpenVINO there is nothing to test: that is a failure, not a skip. */
export async function cApi(): Promise<Runtime> {
  const { runtime, attempts } = await findRuntime({ backend: "c-api" });
  if (runtime !== undefined) return runtime;
  throw new Error(`no OpenVINO was found; run "npm run setup:runtime" first: ${JSON.stringify(attempts)}`);
}

/** A runtime of the official binding, or why there is none here. */
export async function nodeBinding(): Promise<Runtime | string> {
  const { runtime, attempts } = await findRuntime({ backend: "openvino-node" });
  const reasons = attempts.map(({ tried, outcome, detail }) => `${tried} ${detail ?? `is ${outcome}`}`);
  return runtime ?? reasons.join("; ");
}

/** Says by name what does not run here, so that nobody takes silence for success. */
export function announceSkip(backend: Backend, what: string, why: string): void {
  console.log(`not run on ${backend}: ${what} (${why})`);
}
