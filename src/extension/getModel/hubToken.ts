import type * as vscode from "vscode";

const key = "hubToken";

/** The user's token for Hugging Face's hub, in VS Code's secret storage. All windows share it. */
export class HubToken implements vscode.Disposable {
  readonly #secrets: vscode.SecretStorage;
  readonly #subscription: vscode.Disposable;

  /** @param onChange called when it has changed, in this window or another */
  constructor(secrets: vscode.SecretStorage, onChange: () => void) {
    this.#secrets = secrets;
    this.#subscription = secrets.onDidChange((event) => {
      if (event.key === key) onChange();
    });
  }

  async get(): Promise<string | undefined> {
    return (await this.#secrets.get(key)) || undefined;
  }

  /** @param token empty to forget it */
  async set(token: string): Promise<void> {
    if (token === "") await this.#secrets.delete(key);
    else await this.#secrets.store(key, token);
  }

  dispose(): void {
    this.#subscription.dispose();
  }
}
