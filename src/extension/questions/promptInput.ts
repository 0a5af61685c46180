import * as vscode from "vscode";
import type { StepNumber } from "./multiStep.ts";

/** How a prompt is asked for. */
export interface PromptQuestion {
  readonly title: string;
  readonly history: readonly string[];
  /** What the field holds at the start. */
  readonly value?: string;
  readonly step?: StepNumber;
}

/** The entries below the field: what is typed, which Enter takes, and earlier prompts that have its words. */
export function promptChoices(typed: string, history: readonly string[]): string[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const earlier = history.filter((prompt) => {
    const text = prompt.toLowerCase();
    return prompt !== typed && words.every((word) => text.includes(word));
  });
  return typed.trim() === "" ? earlier : [typed, ...earlier];
}

/** Asks for a prompt; earlier ones can be taken with the arrow keys. @returns nothing where the user gives up */
export function askForPrompt(question: PromptQuestion): Promise<string | undefined> {
  const { title, history, value = "", step } = question;
  const pick = vscode.window.createQuickPick();
  pick.title = title;
  pick.placeholder = "What to draw";
  pick.step = step?.number;
  pick.totalSteps = step?.of;
  // An image that opens beside, or a look at another window, must not take what was typed.
  pick.ignoreFocusOut = true;
  const list = () => {
    pick.items = promptChoices(pick.value, history).map((label) => ({
      label,
      description: label === pick.value ? undefined : "drawn before",
      alwaysShow: true,
    }));
  };
  pick.value = value;
  list();
  return new Promise((resolve) => {
    let answer: string | undefined;
    pick.onDidChangeValue(list);
    pick.onDidAccept(() => {
      answer = pick.activeItems[0]?.label ?? pick.value;
      if (answer.trim() === "") return;
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(answer?.trim() === "" ? undefined : answer);
      pick.dispose();
    });
    pick.show();
  });
}
