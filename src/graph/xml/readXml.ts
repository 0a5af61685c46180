import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { SaxesParser } from "saxes";
import { GraphError } from "../graphError.ts";
import type { XmlElement } from "./xmlElement.ts";

/** A UNet's IR has 10 MB and 200,000 elements; what is far beyond that is no model. */
const limits = { bytes: 128 * 1024 * 1024, elements: 2_000_000, depth: 100 };

type Parser = SaxesParser<{ xmlns: false; fileName: string }>;

interface OpenElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (XmlElement | string)[];
}

/**
 * Reads an XML document piece by piece. Document types (and with them entities of the document's own) are refused,
 * so are files over 128 MiB, more than two million elements and more than a hundred levels.
 * @param take is given every element at its end, with the names of the elements around it; when it returns true the
 *   element is not kept in its parent, so that a document need not be in memory as a whole
 * @returns the root element without what was taken
 * @throws GraphError for a file that is not there, too large, or not well-formed
 */
export async function readXml(
  file: string,
  take: (element: XmlElement, around: readonly string[]) => boolean,
): Promise<XmlElement> {
  await checkSize(file);
  const parser: Parser = new SaxesParser({ xmlns: false, fileName: file });
  const open: OpenElement[] = [];
  const around: string[] = [];
  let root: XmlElement | undefined;
  let elements = 0;
  parser.on("error", (error) => {
    throw new GraphError(`${file} is not well-formed XML: ${withoutFile(error.message, file)}.`);
  });
  parser.on("doctype", () => {
    throw new GraphError(`${file} has a document type, which a model never has; it is not read.`);
  });
  parser.on("opentag", ({ name, attributes }) => {
    elements += 1;
    if (elements > limits.elements) throw tooLarge(file, `more than ${limits.elements} elements`);
    if (open.length >= limits.depth) throw tooLarge(file, `more than ${limits.depth} levels of elements`);
    if (open.length > 0) around.push(open[open.length - 1]?.name ?? "");
    open.push({ name, attributes, children: [] });
  });
  parser.on("text", (text) => {
    if (text.trim() !== "") open.at(-1)?.children.push(text);
  });
  parser.on("cdata", (text) => {
    open.at(-1)?.children.push(text);
  });
  parser.on("closetag", () => {
    const element = open.pop();
    if (element === undefined) return;
    if (open.length === 0) root = element;
    else if (!take(element, around)) open.at(-1)?.children.push(element);
    around.pop();
  });
  await feed(file, parser);
  if (root === undefined) throw new GraphError(`${file} is not well-formed XML: it has no element.`);
  return root;
}

async function checkSize(file: string): Promise<void> {
  const { size } = await stat(file).catch((error: unknown) => {
    throw new GraphError(`${file} cannot be read; a model needs it.`, { cause: error });
  });
  if (size > limits.bytes) throw tooLarge(file, `${size} bytes`);
}

async function feed(file: string, parser: Parser): Promise<void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let read = 0;
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 })) {
      const bytes = chunk as Uint8Array;
      read += bytes.byteLength;
      if (read > limits.bytes) throw tooLarge(file, `more than ${limits.bytes} bytes`);
      parser.write(decoder.decode(bytes, { stream: true }));
    }
    parser.write(decoder.decode());
    parser.close();
  } catch (error) {
    if (error instanceof GraphError) throw error;
    if (error instanceof TypeError) throw new GraphError(`${file} is not UTF-8 text.`, { cause: error });
    throw new GraphError(`${file} cannot be read: ${String(error)}.`, { cause: error });
  }
}

function tooLarge(file: string, what: string): GraphError {
  return new GraphError(`${file} is too large for a model's description: ${what}.`);
}

/** The parser puts the file's name before line and column; the sentence has it already. */
function withoutFile(message: string, file: string): string {
  return message.startsWith(`${file}:`) ? `at line ${message.slice(file.length + 1)}` : message;
}
