import { mkdir } from "node:fs/promises";
import * as vscode from "vscode";
import { boundFolder } from "../../platform/boundedFolder.ts";
import type { LimnerContext } from "../context.ts";
import type { DrawingRequest } from "../host/hostSession.ts";
import { readSetting } from "../settings.ts";
import { patternTarget } from "./assetTarget.ts";
import { chooseFolder } from "./folderChoice.ts";
import { workspaceFolders } from "./workspaceFolders.ts";

/** Bytes of images that are kept unsaved. */
const mostUnsaved = 2 ** 30;

/** Where a new image goes. */
export interface NewImagePlace {
  readonly folder: string;
  /** Whether the folder is Limner's own storage, from which the user may save the image. */
  readonly isUnsaved: boolean;
}

/** What was chosen where no folder is open: asked once in a window. */
const chosen = new WeakMap<LimnerContext, NewImagePlace>();

/**
 * Where a new image goes; the user is asked where that is not clear.
 * @param file the file that the image belongs to (default: the active editor's)
 * @returns nothing where the user does not want to say
 */
export async function newImagePlace(
  context: LimnerContext,
  file: vscode.Uri | undefined = vscode.window.activeTextEditor?.document.uri,
): Promise<NewImagePlace | undefined> {
  const own = file && vscode.workspace.getWorkspaceFolder(file);
  const active = own?.uri.scheme === "file" ? own.uri.fsPath : undefined;
  const choice = chooseFolder(workspaceFolders(), active);
  switch (choice.kind) {
    case "one":
      return { folder: choice.folder, isUnsaved: false };
    case "ask": {
      const folder = await vscode.window.showQuickPick([...choice.folders], {
        placeHolder: "The folder of the workspace that the image goes to",
      });
      return folder === undefined ? undefined : { folder, isUnsaved: false };
    }
    case "none":
      return placeWithoutWorkspace(context);
  }
}

/** The target of a new image: by the pattern of the settings, and by its name alone where it is unsaved. */
export function newImageTarget({ folder, isUnsaved }: NewImagePlace): DrawingRequest["target"] {
  const pattern = isUnsaved
    ? "${slug}-${seed}.png"
    : readSetting("limner.assets.pattern", vscode.Uri.file(folder));
  return patternTarget(folder, pattern);
}

async function placeWithoutWorkspace(context: LimnerContext): Promise<NewImagePlace | undefined> {
  const known = chosen.get(context);
  if (known) return known;
  const [choose, keep] = [
    {
      label: "$(folder-opened) Choose a Folder…",
      detail: "Images are saved there as long as this window is open.",
    },
    {
      label: "$(file-media) Keep Images Unsaved",
      detail: "Each can be saved when it is drawn. The newest, up to 1 GB, are kept.",
    },
  ];
  const title = "No Folder Is Open: Where Do Images Go?";
  const wanted = await vscode.window.showQuickPick([choose, keep], { title, ignoreFocusOut: true });
  if (!wanted) return undefined;
  const folder = wanted === keep ? await unsavedFolder(context) : await askForFolder();
  if (folder === undefined) return undefined;
  const place = { folder, isUnsaved: wanted === keep };
  chosen.set(context, place);
  context.allowFolder(folder);
  return place;
}

/** Room is made for new images: of those of earlier windows that nobody has saved, the oldest leave. */
async function unsavedFolder({ unsavedImages }: LimnerContext): Promise<string> {
  await mkdir(unsavedImages, { recursive: true });
  await boundFolder(unsavedImages, mostUnsaved);
  return unsavedImages;
}

async function askForFolder(): Promise<string | undefined> {
  const [folder] =
    (await vscode.window.showOpenDialog({
      title: "Where Limner Saves Images",
      openLabel: "Save Images Here",
      canSelectFiles: false,
      canSelectFolders: true,
    })) ?? [];
  return folder?.fsPath;
}
