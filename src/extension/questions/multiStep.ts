import * as vscode from "vscode";

/** A question of several: it is told its number, and whether there is one before it to go back to. */
export interface ListQuestion<Item extends vscode.QuickPickItem> {
  readonly title: string;
  readonly placeholder: string;
  readonly step: StepNumber;
  /** The entries for what is typed. */
  choices(typed: string): Item[];
}

/** The answer to a question: a value, the wish to go back, or none. */
export type Answer<Value> = { kind: "value"; value: Value } | { kind: "back" } | { kind: "none" };

/** Asks for an entry of a list that follows what is typed. */
export function askFromList<Item extends vscode.QuickPickItem>(
  question: ListQuestion<Item>,
): Promise<Answer<Item>> {
  const { title, placeholder, step, choices } = question;
  const pick = vscode.window.createQuickPick<Item>();
  pick.title = title;
  pick.placeholder = placeholder;
  pick.step = step.number;
  pick.totalSteps = step.of;
  // An image that opens beside, or a look at another window, must not take the answers before.
  pick.ignoreFocusOut = true;
  pick.buttons = step.number > 1 ? [vscode.QuickInputButtons.Back] : [];
  const list = () => {
    pick.items = choices(pick.value).map((item) => ({ ...item, alwaysShow: true }));
  };
  list();
  return new Promise((resolve) => {
    let answer: Answer<Item> = { kind: "none" };
    const end = (ending: Answer<Item>) => {
      answer = ending;
      pick.hide();
    };
    pick.onDidChangeValue(list);
    pick.onDidTriggerButton(() => end({ kind: "back" }));
    pick.onDidAccept(() => {
      const [value] = pick.activeItems;
      if (value) end({ kind: "value", value });
    });
    pick.onDidHide(() => {
      resolve(answer);
      pick.dispose();
    });
    pick.show();
  });
}

/** Which question of how many one is, from 1. */
export interface StepNumber {
  readonly number: number;
  readonly of: number;
}

/** A question of several, which keeps its answer itself. */
export type Step = (step: StepNumber) => Promise<Answer<unknown>["kind"]>;

/** A question whose answer is an entry of a list. */
export function listStep<Item extends vscode.QuickPickItem>(
  question: Omit<ListQuestion<Item>, "step">,
  take: (item: Item) => void,
): Step {
  return async (step) => {
    const answer = await askFromList({ ...question, step });
    if (answer.kind === "value") take(answer.value);
    return answer.kind;
  };
}

/** Asks one question after the other; from each but the first there is a way back. @returns whether all were answered */
export async function askSteps(steps: readonly Step[]): Promise<boolean> {
  for (let index = 0; ; ) {
    const step = steps[index];
    if (!step) return true;
    const answer = await step({ number: index + 1, of: steps.length });
    if (answer === "none") return false;
    index = Math.max(0, answer === "back" ? index - 1 : index + 1);
  }
}
