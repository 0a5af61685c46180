// Draws media/icon.png from media/icon.svg.
import { join } from "node:path";
import sharp from "sharp";
import { root } from "./install.mjs";

await sharp(join(root, "media", "icon.svg"))
  .png({ compressionLevel: 9 })
  .toFile(join(root, "media", "icon.png"));
