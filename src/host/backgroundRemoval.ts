import { checkWritable } from "../assets/checkWritable.ts";
import { writeAsset } from "../assets/writeAsset.ts";
import { changedRecord } from "../images/changedRecord.ts";
import { onWhite } from "../images/fitting.ts";
import { withoutFlatBackground } from "../images/flatBackground.ts";
import { encodeImage } from "../images/imageEncoding.ts";
import { requireImageFormat } from "../images/imageFormat.ts";
import { readImage } from "../images/imageReading.ts";
import { readParameters } from "../images/parametersReading.ts";
import { limnerVersion } from "../platform/version.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { ParamsOf, ResultOf } from "../protocol/messageType.ts";
import type { removeBackground as request } from "../protocol/removeBackground.ts";

/**
 * Makes the flat background of an image clear and writes the result as a new file.
 * @param roots folders below which it may be written
 * @throws LimnerError `background-not-flat`, `image-unreadable`, `invalid-request` for JPEG, `write-failed`
 */
export async function removeBackground(
  { file, result }: ParamsOf<typeof request>,
  roots: readonly string[],
  signal: AbortSignal,
): Promise<ResultOf<typeof request>> {
  const format = requireImageFormat(result);
  if (format === "jpeg") {
    throw new LimnerError("invalid-request", `JPEG has no transparency: end ${result} with .png or .webp.`);
  }
  await checkWritable(result, roots);
  const [picture, found] = await Promise.all([readImage(file), readParameters(file)]);
  if (signal.aborted) throw new LimnerError("cancelled", "Cancelled.");
  const image = cutOut(picture, file);
  const metadata = found && changedRecord(found, { transparent: true }, limnerVersion());
  const written = await writeAsset({
    path: result,
    bytes: await encodeImage(image, format, metadata),
    roots,
  });
  return { file: written, width: image.width, height: image.height };
}

/** Of several files, the error has to name the one. */
function cutOut(picture: Parameters<typeof onWhite>[0], file: string) {
  try {
    return withoutFlatBackground(onWhite(picture));
  } catch (error) {
    if (!(error instanceof LimnerError)) throw error;
    throw new LimnerError(error.code, `${file}: ${error.message}`, { cause: error });
  }
}
