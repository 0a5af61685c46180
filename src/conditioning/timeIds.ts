import { f32, type TensorOf } from "../openvino/tensor.ts";
import type { Point, Size } from "../protocol/size.ts";

/** What SDXL is told about the picture besides the prompt ("micro-conditioning"; SDXL report, section 2.2). */
export interface MicroConditioning {
  originalSize: Size;
  cropsCoordsTopLeft: Point;
  targetSize: Size;
}

/**
 * SDXL's `time_ids` of the base model, `[1, 6]`: original height and width, crop top and left, target height and
 * width. Heights come first, as diffusers has them.
 */
export function timeIds({
  originalSize,
  cropsCoordsTopLeft,
  targetSize,
}: MicroConditioning): TensorOf<"f32"> {
  return f32(
    [1, 6],
    [
      originalSize.height,
      originalSize.width,
      cropsCoordsTopLeft.y,
      cropsCoordsTopLeft.x,
      targetSize.height,
      targetSize.width,
    ],
  );
}

/**
 * The `time_ids` of a refiner, `[1, 5]`: original height and width, crop top and left, aesthetic score.
 * @param aestheticScore 1 (plain) to 10 (beautiful); diffusers takes 6, and 2.5 for the negative prompt
 */
export function refinerTimeIds(
  { originalSize, cropsCoordsTopLeft }: Omit<MicroConditioning, "targetSize">,
  aestheticScore: number,
): TensorOf<"f32"> {
  return f32(
    [1, 5],
    [originalSize.height, originalSize.width, cropsCoordsTopLeft.y, cropsCoordsTopLeft.x, aestheticScore],
  );
}
