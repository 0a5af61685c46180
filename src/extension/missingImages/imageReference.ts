/** A place of a document that names an image. Positions are UTF-16 offsets in its text. */
export interface ImageReference {
  /** As the document means it: escapes and entities are resolved, percent signs are not. */
  readonly address: string;
  /** What the image shows; empty where nothing is said. */
  readonly alt: string;
  readonly start: number;
  readonly end: number;
  /** Size in pixels that the document gives it. */
  readonly width?: number;
  readonly height?: number;
}
