import * as vscode from "vscode";
import { downloadModel } from "../../protocol/downloadModel.ts";
import { inspectModel } from "../../protocol/inspectModel.ts";
import type { CommandName } from "../commandNames.ts";
import type { LimnerContext } from "../context.ts";
import { signalOf } from "../drawing/drawing.ts";
import { offerModel } from "../models/models.ts";
import { type FoundOnHub, licenseQuestion } from "./modelFacts.ts";
import { pickModelToGet } from "./modelPicker.ts";

/**
 * "Get a Model…": has a model chosen and its license accepted, fetches it, converts it where that is needed, and offers
 * to draw with it.
 * @param parameters a name, a repository or an address; none asks for it
 */
export async function getModel(context: LimnerContext, ...parameters: readonly unknown[]): Promise<void> {
  const [given] = parameters;
  const what = typeof given === "string" ? given : await pickModelToGet(context);
  if (what === undefined) return;
  const found = await lookUp(context, what);
  if (!found.licenseAccepted && !(await acceptsLicense(found))) return;
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: `Limner gets ${found.repository}`,
    cancellable: true,
  };
  const model = await vscode.window.withProgress(options, (progress, token) => {
    let done = 0;
    return context.host.work(
      downloadModel,
      (work) => ({ work, what, acceptLicense: true }),
      ({ sentence, fraction = 0 }) => {
        // The bar grows with the download; a conversion that follows tells its progress in words.
        progress.report({ message: sentence, increment: Math.max(0, fraction - done) * 100 });
        done = Math.max(done, fraction);
      },
      signalOf(token),
    );
  });
  await offerModel(context, model);
}

/** What the hub says of it, also of a model that is here already: its license may have changed. */
async function lookUp({ host }: LimnerContext, what: string): Promise<FoundOnHub> {
  const options = { location: vscode.ProgressLocation.Window, title: `Limner looks up ${what}` };
  const found = await vscode.window.withProgress(options, () =>
    host.ask(inspectModel, { what, onHub: true }),
  );
  if (found.where !== "hub") throw new Error(`The host looked for ${what} here.`);
  return found;
}

async function acceptsLicense(found: FoundOnHub): Promise<boolean> {
  const { message, detail } = licenseQuestion(found);
  const [accept, read] = ["Accept and Download", "Read the License"];
  for (;;) {
    const chosen = await vscode.window.showInformationMessage(message, { modal: true, detail }, accept, read);
    if (chosen !== read) return chosen === accept;
    await vscode.env.openExternal(vscode.Uri.parse(found.licenseLink));
  }
}

/** "Set Hub Token…": what gated and private repositories of Hugging Face are read with. */
export async function setHubToken({ hubToken }: LimnerContext): Promise<void> {
  const typed = await vscode.window.showInputBox({
    title: "Hugging Face Token",
    prompt: "It is kept in VS Code's secret storage and goes to the hub only. Leave it empty to forget it.",
    placeHolder: "hf_…",
    password: true,
    ignoreFocusOut: true,
    validateInput: (value) =>
      /^[\x21-\x7e]{0,4096}$/.test(value.trim())
        ? undefined
        : "A token has no spaces and only plain letters.",
  });
  if (typed === undefined) return;
  await hubToken.set(typed.trim());
  const button = "Get a Model…";
  const sentence = typed.trim() === "" ? "The token is forgotten." : "The token is set.";
  if ((await vscode.window.showInformationMessage(sentence, button)) === button) {
    await vscode.commands.executeCommand("limner.getModel" satisfies CommandName);
  }
}
