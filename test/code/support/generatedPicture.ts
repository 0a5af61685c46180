import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { describeGeneration } from "../../../src/images/generationRecord.ts";
import { encodeImage } from "../../../src/images/imageEncoding.ts";
import { imageFormatOf } from "../../../src/images/imageFormat.ts";
import type { RgbImage } from "../../../src/images/rgbImage.ts";
import type { GenerateRequest } from "../../../src/protocol/generateRequest.ts";

/** What a picture looks like and says about itself. */
export interface Picture {
  /** The request that it carries. */
  readonly request: GenerateRequest;
  readonly seed?: number;
  readonly model?: string;
  readonly width?: number;
  readonly height?: number;
  /** Red, green and blue of its disc and of what is behind it. */
  readonly disc: readonly [number, number, number];
  readonly ground: readonly [number, number, number];
  /** Seconds since 1970 at which it was changed last. */
  readonly changed?: number;
}

/** A disc on a ground that darkens toward its lower edge. */
function disc(width: number, height: number, { disc, ground }: Picture): RgbImage {
  const data = new Uint8Array(width * height * 3);
  const radius = Math.min(width, height) * 0.32;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isInside = Math.hypot(x - width / 2, y - height / 2) < radius;
      const light = isInside ? 1 : 1 - (0.5 * y) / height;
      const color = (isInside ? disc : ground).map((part) => Math.round(part * light));
      data.set(color, (y * width + x) * 3);
    }
  }
  return { width, height, data };
}

/** The bytes of a picture, as Limner writes it. */
export function pictureBytes(name: string, picture: Picture): Promise<Buffer> {
  const { request, seed = 1, model = "limner-tiny", width = 512, height = 512 } = picture;
  const record = { request, seed, model, width, height, version: "0.1.0" };
  const drawn = { ...record, steps: request.steps ?? 20, guidanceScale: 4.5, scheduler: "euler" };
  return encodeImage(disc(width, height, picture), imageFormatOf(name) ?? "png", describeGeneration(drawn));
}

/** Writes a picture as Limner would have drawn it. */
export async function writePicture(file: string, picture: Picture): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, await pictureBytes(file, picture));
  if (picture.changed !== undefined) utimesSync(file, picture.changed, picture.changed);
}
