import type { GalleryAction } from "../protocol/panel/gallery.ts";
import type { CommandName } from "./commandNames.ts";
import type { LimnerContext } from "./context.ts";
import { nextTurn } from "./nextTurn.ts";

/**
 * Runs a command.
 * @param parameters what VS Code passes: the file and the selection of an explorer menu, nothing from the palette
 * @throws what `LimnerContext.report` tells the user
 */
export type CommandHandler = (context: LimnerContext, ...parameters: readonly unknown[]) => unknown;

/** What most commands need and takes longest to load: zod, and the schema of a request. */
const pieces = [() => import("../protocol/paths.ts"), () => import("../protocol/generateRequest.ts")];

/**
 * A handler whose code is loaded when it is first used: VS Code waits for nothing but what activation needs. It is loaded
 * in pieces, with turns of the event loop between them, so that other extensions wait for one at most.
 */
function onDemand(load: () => Promise<CommandHandler>): CommandHandler {
  return async (context, ...parameters) => {
    for (const loadPiece of pieces) {
      await loadPiece();
      await nextTurn();
    }
    const handler = await load();
    await nextTurn();
    return handler(context, ...parameters);
  };
}

function ofGallery(action: GalleryAction): CommandHandler {
  return onDemand(async () => (await import("./panel/gallery/galleryCommands.ts")).galleryCommand(action));
}

/** Every command of the extension and its handler. `package.json` contributes exactly these. */
export const commands: Readonly<Record<CommandName, CommandHandler>> = {
  "limner.generateImage": onDemand(async () => (await import("./drawing/generateImage.ts")).generateImage),
  "limner.generateFromSelection": onDemand(
    async () => (await import("./drawing/generateImage.ts")).generateFromSelection,
  ),
  "limner.generateMissingImage": onDemand(
    async () => (await import("./missingImages/drawMissing.ts")).generateMissingImage,
  ),
  "limner.generateMissingImages": onDemand(
    async () => (await import("./missingImages/drawMissing.ts")).generateMissingImages,
  ),
  "limner.openPanel": onDemand(async () => (await import("./panel/openPanel.ts")).openPanel),
  "limner.imageToImage": onDemand(async () => (await import("./imageTools/imageCommands.ts")).imageToImage),
  "limner.inpaint": onDemand(async () => (await import("./panel/composeCommands.ts")).inpaint),
  "limner.upscale": onDemand(async () => (await import("./imageTools/upscale.ts")).upscale),
  "limner.makeVariations": onDemand(
    async () => (await import("./imageTools/imageCommands.ts")).makeVariations,
  ),
  "limner.refine": onDemand(async () => (await import("./imageTools/refine.ts")).refine),
  "limner.removeBackground": onDemand(
    async () => (await import("./imageTools/removeBackground.ts")).removeBackground,
  ),
  "limner.reuseParameters": onDemand(
    async () => (await import("./imageTools/imageCommands.ts")).reuseParameters,
  ),
  "limner.selectModel": onDemand(async () => (await import("./models/models.ts")).selectModel),
  "limner.useAsModel": onDemand(async () => (await import("./models/models.ts")).useAsModel),
  "limner.getModel": onDemand(async () => (await import("./getModel/getModel.ts")).getModel),
  "limner.setHubToken": onDemand(async () => (await import("./getModel/getModel.ts")).setHubToken),
  "limner.setUpRuntime": onDemand(async () => (await import("./host/hostCommands.ts")).setUpRuntime),
  "limner.restartHost": onDemand(async () => (await import("./host/hostCommands.ts")).restartHost),
  "limner.cancelAll": onDemand(async () => (await import("./host/hostCommands.ts")).cancelAll),
  "limner.showLog": ({ log }) => log.show(),
  "limner.showMenu": onDemand(async () => (await import("./host/hostCommands.ts")).showMenu),
  "limner.gallery.open": ofGallery("open"),
  "limner.gallery.reveal": ofGallery("reveal"),
  "limner.gallery.reuse": ofGallery("reuse"),
  "limner.gallery.useAsSource": ofGallery("useAsSource"),
  "limner.gallery.insert": ofGallery("insert"),
  "limner.gallery.selectForCompare": ofGallery("selectForCompare"),
  "limner.gallery.compareWithSelected": ofGallery("compareWithSelected"),
  "limner.gallery.compareWithSource": ofGallery("compareWithSource"),
  "limner.gallery.saveAs": ofGallery("saveAs"),
  "limner.gallery.delete": ofGallery("delete"),
};
