import { LimnerError, messageOf } from "../protocol/limnerError.ts";
import type { Size } from "../protocol/size.ts";
import { type ByteSource, memorySource, withFileSource, withHeadRead } from "./byteSource.ts";
import { readComment } from "./exifComment.ts";
import { type FoundRequest, requestOfParameters, validFields } from "./generationRecord.ts";
import { parseInvokeAiMetadata } from "./invokeAiMetadata.ts";
import { type GenerationParameters, parseParameters } from "./parameters.ts";
import { isPng, readPngTexts } from "./pngChunks.ts";
import { sharp } from "./sharp.ts";
import { readXmpRequest } from "./xmpPacket.ts";

/** Files of more are not searched. */
const maximumFileBytes = 512 * 1024 * 1024;

/** The texts of a picture that may tell how it was made. */
interface MetadataTexts {
  parameters?: string;
  xmp?: string;
  invokeAi?: string;
}

/** What a picture says about how it was made. */
export interface FoundParameters {
  /** Who wrote it: Limner, an AUTOMATIC1111-style tool, or InvokeAI. */
  source: "limner" | "parameters" | "invokeai";
  /** What of it a request can repeat. Exact where the source is `limner`. */
  request: FoundRequest;
  /** The tool's own text, taken apart, with the settings Limner has no field for. */
  parameters?: GenerationParameters;
}

async function pngTexts(source: ByteSource, part: "head" | "all"): Promise<MetadataTexts> {
  const texts = await readPngTexts(source, part);
  const find = (keyword: string) => texts.find((text) => text.keyword === keyword)?.text;
  return {
    parameters: find("parameters"),
    xmp: find("XML:com.adobe.xmp"),
    invokeAi: find("invokeai_metadata"),
  };
}

async function sharpTexts(input: string | Uint8Array): Promise<MetadataTexts & Size> {
  // Only headers are read, so that a picture of any size will do.
  const { exif, xmp, width, height } = await sharp(input, { limitInputPixels: false }).metadata();
  return { parameters: exif && readComment(exif), xmp: xmp?.toString("utf8"), width, height };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function interpret({ parameters: text, xmp, invokeAi }: MetadataTexts): FoundParameters | undefined {
  const parameters = text === undefined ? undefined : parseParameters(text);
  const requestJson = xmp === undefined ? undefined : readXmpRequest(xmp);
  const exact = requestJson === undefined ? {} : validFields(parseJson(requestJson));
  if (exact.prompt !== undefined) return { source: "limner", request: exact, parameters };
  if (parameters) return { source: "parameters", request: requestOfParameters(parameters), parameters };
  const foreign = invokeAi === undefined ? undefined : parseInvokeAiMetadata(parseJson(invokeAi));
  return foreign && { source: "invokeai", request: foreign };
}

/** Reads from a source whose kind its first bytes tell. */
async function readSource(
  source: ByteSource,
  input: string | Uint8Array,
): Promise<FoundParameters | undefined> {
  if (source.size > maximumFileBytes) return undefined;
  const start = await source.read(0, 8);
  return interpret(isPng(start) ? await pngTexts(source, "all") : await sharpTexts(input));
}

/**
 * Reads how a picture was made from its metadata, as Limner and AUTOMATIC1111-style tools write it. Reads headers
 * and texts only, within bounds: a hostile file costs a few megabytes at most.
 * @param input a file, or the bytes of one
 * @returns nothing when the picture does not say
 * @throws LimnerError `image-unreadable` when there is no such file or it is no picture
 */
export async function readParameters(input: string | Uint8Array): Promise<FoundParameters | undefined> {
  try {
    if (typeof input !== "string") return await readSource(memorySource(input), input);
    return await withFileSource(input, (source) => readSource(source, input));
  } catch (error) {
    throw unreadable(typeof input === "string" ? input : "The picture", error);
  }
}

function unreadable(name: string, error: unknown): LimnerError {
  return new LimnerError(
    "image-unreadable",
    `${name} cannot be read as a picture: ${messageOf(error)}. Check the file.`,
    { cause: error },
  );
}

/** What the beginning of a picture's file tells. */
export interface ImageHead extends Size {
  found?: FoundParameters;
}

/** Bytes that are read at once: texts and headers of most PNGs. */
const headBytes = 8 * 1024;

/**
 * Reads the size of a picture and how it was made from the beginning of its file, for lists of many. A PNG's texts
 * behind the pixels, where few tools write them, are not looked for.
 * @throws LimnerError `image-unreadable`
 */
export async function readImageHead(file: string): Promise<ImageHead> {
  try {
    return await withFileSource(file, async (whole) => {
      const source = await withHeadRead(whole, headBytes);
      // The signature, the length and type of IHDR, then width and height.
      const start = await source.read(0, 24);
      if (!isPng(start) || start.length < 24) {
        const { width, height, ...texts } = await sharpTexts(file);
        return { width, height, found: interpret(texts) };
      }
      const size = { width: start.readUInt32BE(16), height: start.readUInt32BE(20) };
      return { ...size, found: interpret(await pngTexts(source, "head")) };
    });
  } catch (error) {
    throw unreadable(file, error);
  }
}
