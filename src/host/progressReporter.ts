import type { RgbImage } from "../images/rgbImage.ts";
import { maximumPreviewBytes, maximumProgressRate, type Preview } from "../protocol/jobProgress.ts";
import type { Progress } from "../protocol/progress.ts";

/** What a reporter goes by; tests give others. */
export interface ReporterOptions {
  /** Milliseconds. */
  now?(): number;
  encode?(image: RgbImage): Promise<Preview>;
}

const interval = 1000 / maximumProgressRate;

async function webp(image: RgbImage): Promise<Preview> {
  // sharp is loaded with the first preview, and not before the first report.
  const { encodePreview } = await import("../images/previewEncoding.ts");
  const { width, height, bytes } = await encodePreview(image, maximumPreviewBytes);
  return { mimeType: "image/webp", width, height, data: bytes.toString("base64") };
}

/**
 * Thins the reports of a job out: the first goes at once, later ones at most 10 times a second, each with the newest
 * preview if there is a new one. What a newer report replaces is never sent.
 */
export class ProgressReporter {
  readonly #send: (progress: Progress, preview?: Preview) => void;
  readonly #now: () => number;
  readonly #encode: (image: RgbImage) => Promise<Preview>;
  #progress: Progress | undefined;
  #picture: RgbImage | undefined;
  #lastSent = Number.NEGATIVE_INFINITY;
  #lastPicture = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #isEncoding = false;
  #hasEnded = false;

  constructor(
    send: (progress: Progress, preview?: Preview) => void,
    { now = () => performance.now(), encode = webp }: ReporterOptions = {},
  ) {
    this.#send = send;
    this.#now = now;
    this.#encode = encode;
  }

  report(progress: Progress): void {
    this.#progress = progress;
    this.#flush();
  }

  /** Whether a preview would be sent: making one that is not costs time. */
  isDue(): boolean {
    return this.#now() - this.#lastPicture >= interval;
  }

  /** Shows a picture with the next report. */
  show(picture: RgbImage): void {
    this.#lastPicture = this.#now();
    this.#picture = picture;
  }

  /** Nothing is sent any more. */
  end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
  }

  #flush(): void {
    if (this.#hasEnded || !this.#progress || this.#isEncoding || this.#timer) return;
    const early = interval - (this.#now() - this.#lastSent);
    if (early > 0) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#flush();
      }, Math.ceil(early));
      return;
    }
    const picture = this.#picture;
    this.#picture = undefined;
    if (!picture) {
      this.#sendNewest();
      return;
    }
    this.#isEncoding = true;
    // A preview that cannot be encoded is left out: it is not what the user asked for.
    const encoded = this.#encode(picture).catch(() => undefined);
    void encoded.then((preview) => {
      this.#isEncoding = false;
      if (!this.#hasEnded) this.#sendNewest(preview);
    });
  }

  #sendNewest(preview?: Preview): void {
    const progress = this.#progress;
    this.#progress = undefined;
    if (!progress) return;
    this.#lastSent = this.#now();
    this.#send(progress, preview);
  }
}
