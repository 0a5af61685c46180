import * as vscode from "vscode";

/** A question of several: it is told its number, and whether there is one before it to go back to. */
export interface ListQuestion<Item extends vscode.QuickPickItem> {
  readonly title: string;
  readonly placeholder: string;
  readonly step: { readonly number: number; readonly of: number };
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
  pick.buttons = [vscode.QuickInputButtons.Back];
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
