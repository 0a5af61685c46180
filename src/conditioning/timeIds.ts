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
