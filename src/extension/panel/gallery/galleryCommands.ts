import * as z from "zod";
import type { GalleryAction } from "../../../protocol/panel/gallery.ts";
import { absolutePathSchema } from "../../../protocol/paths.ts";
import type { LimnerContext } from "../../context.ts";

/** What VS Code hands to a command of a webview's menu: what the page says about the element that was clicked. */
const clickedSchema = z.looseObject({ limnerImage: absolutePathSchema });

/** A command of the menu of an image in the gallery. */
export function galleryCommand(action: GalleryAction) {
  return async (context: LimnerContext, clicked?: unknown): Promise<void> => {
    const parsed = clickedSchema.safeParse(clicked);
    if (parsed.success) await context.panel.current?.actOnImage(action, parsed.data.limnerImage);
  };
}
