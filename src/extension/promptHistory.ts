import * as z from "zod";

/** What VS Code keeps for an extension. */
export interface PromptStore {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const key = "prompts";
const longest = 100;
const schema = z.array(z.string()).catch([]);

/** The prompts that were drawn, the newest first, each once. */
export class PromptHistory {
  readonly #store: PromptStore;

  constructor(store: PromptStore) {
    this.#store = store;
  }

  all(): readonly string[] {
    return schema.parse(this.#store.get(key)).slice(0, longest);
  }

  async add(prompt: string): Promise<void> {
    if (prompt.trim() === "") return;
    const rest = this.all().filter((other) => other !== prompt);
    await this.#store.update(key, [prompt, ...rest].slice(0, longest));
  }
}
