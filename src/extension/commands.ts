import type { CommandName } from "./commandNames.ts";
import type { LimnerContext } from "./context.ts";
import { generateFromSelection, generateImage } from "./generateImage.ts";
import { getModel, setHubToken } from "./getModel/getModel.ts";
import { cancelAll, restartHost, setUpRuntime, showMenu } from "./hostCommands.ts";
import { imageToImage, makeVariations, reuseParameters } from "./imageCommands.ts";
import { generateMissingImage, generateMissingImages } from "./missingImages/drawMissing.ts";
import { selectModel, useAsModel } from "./models.ts";
import { inpaint } from "./panel/composeCommands.ts";
import { galleryCommand } from "./panel/galleryCommands.ts";
import { openPanel } from "./panel/openPanel.ts";
import { refine } from "./refine.ts";
import { removeBackground } from "./removeBackground.ts";
import { upscale } from "./upscale.ts";

/**
 * Runs a command.
 * @param parameters what VS Code passes: the file and the selection of an explorer menu, nothing from the palette
 * @throws what `LimnerContext.report` tells the user
 */
export type CommandHandler = (context: LimnerContext, ...parameters: readonly unknown[]) => unknown;

/** Every command of the extension and its handler. `package.json` contributes exactly these. */
export const commands: Readonly<Record<CommandName, CommandHandler>> = {
  "limner.generateImage": generateImage,
  "limner.generateFromSelection": generateFromSelection,
  "limner.generateMissingImage": generateMissingImage,
  "limner.generateMissingImages": generateMissingImages,
  "limner.openPanel": openPanel,
  "limner.imageToImage": imageToImage,
  "limner.inpaint": inpaint,
  "limner.upscale": upscale,
  "limner.makeVariations": makeVariations,
  "limner.refine": refine,
  "limner.removeBackground": removeBackground,
  "limner.reuseParameters": reuseParameters,
  "limner.selectModel": selectModel,
  "limner.useAsModel": useAsModel,
  "limner.getModel": getModel,
  "limner.setHubToken": setHubToken,
  "limner.setUpRuntime": setUpRuntime,
  "limner.restartHost": restartHost,
  "limner.cancelAll": cancelAll,
  "limner.showLog": ({ log }) => log.show(),
  "limner.showMenu": showMenu,
  "limner.gallery.open": galleryCommand("open"),
  "limner.gallery.reveal": galleryCommand("reveal"),
  "limner.gallery.reuse": galleryCommand("reuse"),
  "limner.gallery.useAsSource": galleryCommand("useAsSource"),
  "limner.gallery.insert": galleryCommand("insert"),
  "limner.gallery.selectForCompare": galleryCommand("selectForCompare"),
  "limner.gallery.compareWithSelected": galleryCommand("compareWithSelected"),
  "limner.gallery.compareWithSource": galleryCommand("compareWithSource"),
  "limner.gallery.saveAs": galleryCommand("saveAs"),
  "limner.gallery.delete": galleryCommand("delete"),
};
