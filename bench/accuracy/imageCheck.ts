import type { RgbImage } from "../../src/images/rgbImage.ts";
import { findFigure } from "./figure.ts";
import type { FigureSize, Grammar, Scene } from "./grammar.ts";
import { colorNamer } from "./labColor.ts";
import { outlineWidth } from "./outlineWidth.ts";
import { bestShape } from "./shapeMatch.ts";

/** What a picture shows, as far as it can be told. */
export interface Seen {
  shape?: string;
  color?: string;
  background?: string;
  size?: FigureSize;
  /** How well the best shape covers the figure, 0 to 1. */
  overlap: number;
  /** How wide the figure's outline is, in pixels; absent where no figure was found. */
  outline?: number;
  /** Why no figure was found. */
  reason?: string;
}

/** Which of the things a caption asks for a picture shows. A size the caption does not name is right. */
export interface Verdict {
  shape: boolean;
  color: boolean;
  background: boolean;
  size: boolean;
  /** All of them. */
  all: boolean;
}

/** A figure that its best shape covers less than this has none of the shapes. */
const leastOverlap = 0.8;

/**
 * Makes a check that looks at pixels only: it knows the words, their colors and the geometry of the shapes, and
 * nothing of what drew the picture.
 */
export function imageCheck(grammar: Grammar): (image: RgbImage) => Seen {
  const nameColor = colorNamer(grammar.palette);
  const largeFrom = (grammar.sizes.small[1] + grammar.sizes.large[0]) / 2;
  return (image) => {
    const figure = findFigure(image);
    if (typeof figure === "string") return { overlap: 0, reason: figure };
    const { shape, overlap, extent } = bestShape(figure.coverage);
    return {
      shape: overlap >= leastOverlap ? shape : undefined,
      color: nameColor(figure.color),
      background: nameColor(figure.ground),
      size: extent >= largeFrom * Math.min(image.width, image.height) ? "large" : "small",
      overlap,
      outline: outlineWidth(figure),
    };
  };
}

/** Compares what a picture shows with what its caption asks for. */
export function judge(seen: Seen, scene: Scene): Verdict {
  const shape = seen.shape === scene.shape;
  const color = seen.color === scene.color;
  const background = seen.background === scene.background;
  const size = scene.size === undefined || seen.size === scene.size;
  return { shape, color, background, size, all: shape && color && background && size };
}
