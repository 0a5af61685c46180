import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OpenModel, openModel } from "../../src/host/openModel.ts";
import { readModelFolder } from "../../src/models/modelFolder.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import type { Runtime } from "../../src/openvino/runtime.ts";
import type { Pipeline } from "../../src/pipelines/pipeline.ts";

/** Keys of a tiny model's configuration files that a run of diffusers has other values of. */
export interface ConfigChanges {
  vaeConfig?: Record<string, unknown>;
  schedulerConfig?: Record<string, unknown>;
}

/** The tiny random models of test/reference/pipeline_models.py, opened when they are first asked for, in float32. */
export class TinyModels {
  readonly runtime: Runtime;
  readonly #folder = mkdtempSync(join(tmpdir(), "limner-parity-"));
  readonly #open = new Map<string, OpenModel>();

  private constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  static async open(): Promise<TinyModels> {
    return new TinyModels(await openRuntime());
  }

  /** @param name a folder of `test/fixtures`; what it lacks is taken from `tiny-sdxl`, whose parts it shares */
  model(name: string): OpenModel {
    const found = this.#open.get(name);
    if (found) return found;
    const opened = openModel(this.#copy(name), this.runtime, { device: "CPU", precision: "f32" });
    this.#open.set(name, opened);
    return opened;
  }

  /** A model as it is with other values in its configuration files; the networks are the same. */
  pipeline(name: string, { vaeConfig = {}, schedulerConfig = {} }: ConfigChanges = {}): Pipeline {
    const { pipeline } = this.model(name);
    if (Object.keys({ ...vaeConfig, ...schedulerConfig }).length === 0) return pipeline;
    const copy = this.#copy(name);
    change(join(copy, "scheduler/scheduler_config.json"), schedulerConfig);
    for (const part of ["vae_encoder", "vae_decoder"]) change(join(copy, part, "config.json"), vaeConfig);
    return { ...pipeline, config: readModelFolder(copy).config };
  }

  #copy(name: string): string {
    const copy = mkdtempSync(join(this.#folder, `${name}-`));
    for (const part of new Set(["tiny-sdxl", name]))
      cpSync(join("test/fixtures", part), copy, { recursive: true });
    return copy;
  }

  async dispose(): Promise<void> {
    for (const model of this.#open.values()) await model.dispose();
    this.runtime.dispose();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function change(file: string, keys: Record<string, unknown>): void {
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...keys }));
}
