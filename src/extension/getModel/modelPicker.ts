import * as vscode from "vscode";
import { inspectModel } from "../../protocol/inspectModel.ts";
import { messageOf } from "../../protocol/limnerError.ts";
import { listModels } from "../../protocol/listModels.ts";
import type { LimnerContext } from "../context.ts";
import { catalogueEntries, typedRepository } from "./catalogueEntries.ts";
import { factsText } from "./modelFacts.ts";

interface ModelEntry extends vscode.QuickPickItem {
  readonly what: string;
}

/** An entry has to be looked at for so long before the hub is asked about it, in milliseconds. */
const pause = 300;

/**
 * Asks which model to get: one of the catalogue, or a repository that is typed. Size and license of the entry that is
 * looked at come from the hub.
 * @returns a name, a repository or an address; nothing where the user gives up
 */
export async function pickModelToGet(context: LimnerContext): Promise<string | undefined> {
  const pick = vscode.window.createQuickPick<ModelEntry>();
  pick.title = "Get a Model";
  pick.placeholder = "A model, or a repository of Hugging Face: OWNER/NAME, or a page's address";
  pick.matchOnDescription = true;
  // An image that opens beside, or a look at another window, must not take what was typed.
  pick.ignoreFocusOut = true;
  pick.busy = true;
  const facts = new Facts(context, (what) => {
    if (pick.activeItems.some((item) => item.what === what)) list(what);
  });
  let entries: readonly ModelEntry[] = [];
  const list = (active?: string) => {
    const typed = typedRepository(pick.value);
    const own = typed === undefined ? [] : [{ label: `Get “${typed}”`, what: typed, alwaysShow: true }];
    pick.items = [...own, ...entries].map((entry) => ({ ...entry, detail: facts.of(entry.what) }));
    if (active !== undefined) pick.activeItems = pick.items.filter(({ what }) => what === active);
  };
  pick.onDidChangeValue(() => list());
  pick.onDidChangeActive(([item]) => facts.look(item?.what));
  const ended = new Promise<string | undefined>((resolve) => {
    let chosen: string | undefined;
    pick.onDidAccept(() => {
      chosen = pick.activeItems[0]?.what;
      if (chosen !== undefined) pick.hide();
    });
    pick.onDidHide(() => {
      resolve(chosen);
      facts.dispose();
      pick.dispose();
    });
  });
  pick.show();
  try {
    entries = catalogueEntries(await context.host.ask(listModels, {}));
    list();
  } catch (error) {
    pick.hide();
    throw error;
  } finally {
    pick.busy = false;
  }
  return ended;
}

/** What the hub says of the models that the user has looked at. */
class Facts implements vscode.Disposable {
  readonly #context: LimnerContext;
  readonly #onFound: (what: string) => void;
  readonly #known = new Map<string, string>();
  readonly #ended = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(context: LimnerContext, onFound: (what: string) => void) {
    this.#context = context;
    this.#onFound = onFound;
  }

  of(what: string): string | undefined {
    return this.#known.get(what);
  }

  /** The user looks at an entry. */
  look(what: string | undefined): void {
    clearTimeout(this.#timer);
    if (what === undefined || this.#known.has(what)) return;
    this.#timer = setTimeout(() => void this.#ask(what), pause);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#ended.abort();
  }

  async #ask(what: string): Promise<void> {
    try {
      this.#known.set(
        what,
        factsText(await this.#context.host.ask(inspectModel, { what }, this.#ended.signal)),
      );
    } catch (error) {
      this.#known.set(what, messageOf(error));
    }
    if (!this.#ended.signal.aborted) this.#onFound(what);
  }
}
