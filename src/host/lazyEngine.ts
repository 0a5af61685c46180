import type { ModelMemoryStatistics } from "../protocol/hostStatistics.ts";
import type { Engine, EngineOptions } from "./engine.ts";

/**
 * The engine, loaded when it is first used: sharp, koffi, OpenVINO and the tokenizers take longer to load than a
 * client should wait for its first answer.
 */
export class LazyEngine {
  readonly #options: EngineOptions;
  #engine: Promise<Engine> | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  get(): Promise<Engine> {
    this.#engine ??= import("./engine.ts").then(({ Engine }) => new Engine(this.#options));
    return this.#engine;
  }

  /** What is in memory; nothing before the engine was used. */
  async memory(): Promise<ModelMemoryStatistics | undefined> {
    return (await this.#engine)?.memory();
  }

  /** Releases what was loaded. */
  async dispose(): Promise<void> {
    await (await this.#engine)?.dispose();
  }
}
