import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { LimnerContext } from "../context.ts";
import { panelPage } from "./panelPage.ts";
import { PanelSession } from "./panelSession.ts";
import { type OpenPanel, panelType } from "./panelSlot.ts";

/** "Open Panel". */
export function openPanel(context: LimnerContext): void {
  showPanel(context);
}

/** The window's panel, opened where there is none. */
export function showPanel(context: LimnerContext): OpenPanel {
  const { current } = context.panel;
  if (current) {
    current.reveal();
    return current;
  }
  const panel = vscode.window.createWebviewPanel(panelType, "Limner", vscode.ViewColumn.Active, {
    // What is told to a page that was thrown away while hidden would be lost, and with it the strokes of the mask.
    retainContextWhenHidden: true,
  });
  return fill(context, panel);
}

/** Has a panel that was open when the window was reloaded show Limner's page again. */
export function openAgain(context: LimnerContext, panel: vscode.WebviewPanel): void {
  // One panel a window: whichever was first stays.
  if (context.panel.current) panel.dispose();
  else fill(context, panel);
}

/** Has a panel show Limner's page, until it is closed. */
function fill(context: LimnerContext, panel: vscode.WebviewPanel): OpenPanel {
  const { webview } = panel;
  const bundle = vscode.Uri.joinPath(context.folder, "dist", "webview");
  const setOptions = () => {
    webview.options = { enableScripts: true, localResourceRoots: [bundle, ...localFolders()] };
  };
  setOptions();
  panel.iconPath = vscode.Uri.joinPath(context.folder, "media", "icon.png");
  const session = new PanelSession(context, panel);
  const folders = vscode.workspace.onDidChangeWorkspaceFolders(setOptions);
  context.panel.current = session;
  panel.onDidDispose(() => {
    folders.dispose();
    session.dispose();
    if (context.panel.current === session) context.panel.current = undefined;
  });
  const address = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(bundle, name)).toString();
  webview.html = panelPage({
    cspSource: webview.cspSource,
    nonce: randomBytes(16).toString("base64"),
    script: address("main.js"),
    style: address("panel.css"),
    icons: address("codicon.css"),
  });
  return session;
}

/** The workspace's folders: their images may be shown by their addresses. */
function localFolders(): vscode.Uri[] {
  return (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri);
}
