import { join } from "node:path";
import { GeneratedImages } from "../assets/generatedImages.ts";
import { Thumbnails } from "../assets/thumbnails.ts";
import { readParameters } from "../images/parametersReading.ts";
import type { ResultOf } from "../protocol/messageType.ts";
import type { readParameters as readParametersRequest } from "../protocol/readParameters.ts";

/** The images of clients' folders, with what is kept of them in the user's cache. */
export class ImageLibrary {
  readonly generated: GeneratedImages;
  readonly thumbnails: Thumbnails;

  /** @param cacheFolder the user's cache */
  constructor(cacheFolder: string) {
    this.generated = new GeneratedImages({ directory: join(cacheFolder, "images") });
    this.thumbnails = new Thumbnails({ directory: join(cacheFolder, "thumbnails") });
  }

  /** What a file says about how it was made. @throws LimnerError `image-unreadable` */
  async parameters(file: string): Promise<ResultOf<typeof readParametersRequest>> {
    const found = await readParameters(file);
    if (!found) return {};
    const { source, request, parameters } = found;
    return { found: { source, request, settings: parameters && Object.fromEntries(parameters.settings) } };
  }
}
