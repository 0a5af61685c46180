/** What VS Code keeps for an extension. */
export interface PromptStore {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const key = "prompts";
const longest = 100;

/** The prompts that were drawn, the newest first, each once. */
export class PromptHistory {
  readonly #store: PromptStore;

  constructor(store: PromptStore) {
    this.#store = store;
  }

  all(): readonly string[] {
    const stored = this.#store.get(key);
    const prompts: readonly unknown[] = Array.isArray(stored) ? stored : [];
    return prompts.filter((prompt) => typeof prompt === "string").slice(0, longest);
  }

  async add(prompt: string): Promise<void> {
    if (prompt.trim() === "") return;
    const rest = this.all().filter((other) => other !== prompt);
    await this.#store.update(key, [prompt, ...rest].slice(0, longest));
  }
}
