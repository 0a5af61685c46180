import type { ModelFacts } from "../../src/protocol/panel/panelModel.ts";
import type { Size } from "../../src/protocol/size.ts";
import type { Choice } from "./choice.ts";
import type { Form } from "./form.ts";

/** Aspect ratios that people know, to which a bucket comes near. */
const ratios: readonly (readonly [width: number, height: number])[] = [
  [1, 4],
  [1, 3],
  [9, 21],
  [1, 2],
  [9, 16],
  [2, 3],
  [3, 4],
  [4, 5],
  [1, 1],
];

/** How far a bucket may be from a ratio to be called by it: buckets are rounded to whole blocks. */
const tolerance = 0.027;

/** A size's aspect ratio, by the name that people know it by; nothing where it comes near none. */
export function ratioName({ width, height }: Size): string | undefined {
  const wanted = Math.log(Math.min(width, height) / Math.max(width, height));
  const near = ratios
    .map(([short, long]) => ({ short, long, distance: Math.abs(Math.log(short / long) - wanted) }))
    .filter(({ distance }) => distance < tolerance)
    .sort((a, b) => a.distance - b.distance)[0];
  if (!near) return undefined;
  return width < height ? `${near.short}:${near.long}` : `${near.long}:${near.short}`;
}

export function sizeText({ width, height }: Size): string {
  return `${width} × ${height}`;
}

/** The sizes to choose from: the model's own, its buckets, one's own. */
export function sizeChoices(facts: ModelFacts | undefined): Choice[] {
  const own: Choice = { value: "model", text: `Model's own${facts ? ` (${sizeText(facts.size)})` : ""}` };
  const free: Choice = { value: "free", text: "Other…" };
  if (!facts || facts.fixedSize) return [own, free];
  const buckets = facts.sizes.map((size): Choice => {
    const name = ratioName(size);
    return { value: `${size.width}x${size.height}`, text: `${sizeText(size)}${name ? `  ${name}` : ""}` };
  });
  return [own, ...buckets, free];
}

/** Which of the choices a form has taken. */
export function chosenSize({ size, width, height }: Form, facts: ModelFacts | undefined): string {
  const value = `${width}x${height}`;
  if (size === "model") return "model";
  return size === "bucket" && sizeChoices(facts).some((choice) => choice.value === value) ? value : "free";
}

/** What a choice changes in the form. */
export function sizeChange(
  value: string,
  { width, height }: Form,
  facts: ModelFacts | undefined,
): Partial<Form> {
  if (value === "model") return { size: "model" };
  const [bucketWidth, bucketHeight] = value.split("x");
  if (bucketWidth !== undefined && bucketHeight !== undefined) {
    return { size: "bucket", width: bucketWidth, height: bucketHeight };
  }
  // Who wants another size begins with the one there is.
  const { width: ownWidth = "", height: ownHeight = "" } = facts?.size ?? {};
  return { size: "free", width: width || String(ownWidth), height: height || String(ownHeight) };
}
