/** Every command of the extension, in the order of `package.json`. */
export const commandNames = [
  "limner.generateImage",
  "limner.generateFromSelection",
  "limner.generateMissingImage",
  "limner.generateMissingImages",
  "limner.openPanel",
  "limner.imageToImage",
  "limner.inpaint",
  "limner.upscale",
  "limner.makeVariations",
  "limner.refine",
  "limner.removeBackground",
  "limner.reuseParameters",
  "limner.selectModel",
  "limner.useAsModel",
  "limner.getModel",
  "limner.setHubToken",
  "limner.setUpRuntime",
  "limner.restartHost",
  "limner.cancelAll",
  "limner.showLog",
  "limner.showMenu",
] as const;

/** A command's name, for what runs it: buttons, links, menus of the status bar. */
export type CommandName = (typeof commandNames)[number];
