import type { GalleryImage } from "../../src/protocol/panel/gallery.ts";

/** The file's name, without its folders. */
export function nameOf({ path }: Pick<GalleryImage, "path">): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** What a screen reader says of an image. */
export function describeImage(image: GalleryImage, isSelectedForCompare: boolean): string {
  const { prompt, width, height } = image;
  const parts = [prompt.trim() === "" ? "No prompt" : prompt, nameOf(image), `${width} × ${height}`];
  return [...parts, ...(isSelectedForCompare ? ["selected for compare"] : [])].join(", ");
}

/** How an image was made, in a line. */
export function factsOf({ width, height, seed, model }: GalleryImage): string {
  const facts = [`${width} × ${height}`, seed === undefined ? undefined : `seed ${seed}`, model];
  return facts.filter((fact) => fact !== undefined).join(" · ");
}

/** How many images are shown, of how many. @param total absent where it is not known how many there are in all */
export function countText(shown: number, known: number, total: number | undefined): string {
  const number = (value: number) => value.toLocaleString("en-US");
  const isAll = total !== undefined && total <= known;
  const newest =
    total === undefined ? `${number(known)} newest` : `${number(known)} newest of ${number(total)}`;
  const counted = `${isAll ? number(total) : newest} ${total === 1 ? "image" : "images"}`;
  return shown < known ? `${number(shown)} of ${counted}` : counted;
}
