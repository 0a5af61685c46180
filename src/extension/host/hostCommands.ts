import * as vscode from "vscode";
import { runtimeSetup } from "../../protocol/runtimeSetup.ts";
import type { CommandName } from "../commandNames.ts";
import type { LimnerContext } from "../context.ts";
import { signalOf } from "../drawing/drawing.ts";

/** "Restart Host". */
export async function restartHost({ host, log }: LimnerContext): Promise<void> {
  const options = { location: vscode.ProgressLocation.Window, title: "Limner restarts its host" };
  await vscode.window.withProgress(options, () => host.restart());
  log.info("The host was restarted.");
}

/** "Cancel All": what this window has asked for. */
export function cancelAll({ host }: LimnerContext): void {
  const count = host.cancelAll();
  if (count === 0) vscode.window.setStatusBarMessage("Limner has nothing to cancel.", 5000);
}

/** "Set Up Runtime": finds OpenVINO or downloads it. */
export async function setUpRuntime({ host }: LimnerContext): Promise<void> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: "Limner sets up OpenVINO",
    cancellable: true,
  };
  const { runtime, attempts } = await vscode.window.withProgress(options, (progress, token) =>
    host.work(
      runtimeSetup,
      (work) => ({ work }),
      ({ sentence }) => progress.report({ message: sentence }),
      signalOf(token),
    ),
  );
  if (runtime) {
    const devices = runtime.devices.map(({ name }) => name).join(", ");
    void vscode.window.showInformationMessage(`OpenVINO ${runtime.version} is ready (${devices}).`);
    return;
  }
  const last = attempts.at(-1);
  const why = last ? ` The last try: ${last.tried}: ${last.detail ?? last.outcome}.` : "";
  const button = "Show Log";
  const sentence = `OpenVINO was neither found nor downloaded.${why}`;
  if ((await vscode.window.showErrorMessage(sentence, button)) === button) {
    await vscode.commands.executeCommand("limner.showLog" satisfies CommandName);
  }
}

interface MenuEntry extends vscode.QuickPickItem {
  readonly command: CommandName;
}

/** The menu of the status bar. */
export async function showMenu({ host }: LimnerContext): Promise<void> {
  const cancel: MenuEntry = { label: "$(stop-circle) Cancel All", command: "limner.cancelAll" };
  const entries: MenuEntry[] = [
    { label: "$(paintcan) Generate Image…", command: "limner.generateImage" },
    { label: "$(layout) Open Panel", command: "limner.openPanel" },
    ...(host.running > 0 ? [cancel] : []),
    { label: "$(symbol-misc) Select Model", command: "limner.selectModel" },
    { label: "$(cloud-download) Get a Model…", command: "limner.getModel" },
    { label: "$(tools) Set Up Runtime", command: "limner.setUpRuntime" },
    { label: "$(debug-restart) Restart Host", command: "limner.restartHost" },
    { label: "$(output) Show Log", command: "limner.showLog" },
  ];
  const chosen = await vscode.window.showQuickPick(entries, { title: "Limner" });
  if (chosen) await vscode.commands.executeCommand(chosen.command);
}
