import { CheckpointError } from "./checkpointError.ts";
import { type DataType, elementCount, elementSize, isDataType } from "./tensorSource.ts";

/** The largest header that is read: the limit of the reference implementation. */
export const largestHeader = 100_000_000;
const mostTensors = 100_000;
const mostDimensions = 8;

/** Where a tensor lies in a safetensors file: `begin` and `end` are offsets in the file, in bytes. */
export interface TensorEntry {
  readonly name: string;
  readonly dataType: DataType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** What the header of a safetensors file says. */
export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly metadata: ReadonlyMap<string, string>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** A name from a file, short enough and without control characters, for use in a sentence. */
function shown(name: string): string {
  const clean = [...name.slice(0, 80)].map((c) => (c < " " ? "?" : c)).join("");
  return JSON.stringify(name.length > 80 ? `${clean}…` : clean);
}

function dataTypeOf(value: unknown, name: string, file: string): DataType {
  if (typeof value === "string") {
    if (isDataType(value)) return value;
    if (/^F[468](_|$)/.test(value))
      throw new CheckpointError(
        "unsupported",
        `${file}: the tensor ${shown(name)} is stored as ${shown(value)} (8 bits or fewer), which loses too much to convert from. Use the fp16, bf16 or fp32 version of this checkpoint.`,
      );
  }
  throw new CheckpointError(
    "damaged",
    `${file}: the tensor ${shown(name)} has the unknown type ${shown(String(value))}.`,
  );
}

function entryOf(
  name: string,
  value: unknown,
  file: string,
  dataStart: number,
  dataLength: number,
): TensorEntry {
  const damaged = (what: string) =>
    new CheckpointError("damaged", `${file}: the tensor ${shown(name)} ${what}.`);
  if (!isRecord(value)) throw damaged("has no description");
  const dataType = dataTypeOf(value["dtype"], name, file);
  const shape: unknown = value["shape"];
  if (!Array.isArray(shape) || shape.length > mostDimensions || !shape.every(isCount))
    throw damaged("has no valid shape");
  const offsets: unknown = value["data_offsets"];
  if (!Array.isArray(offsets) || offsets.length !== 2) throw damaged("has no valid data_offsets");
  const [begin, end]: unknown[] = offsets;
  if (!isCount(begin) || !isCount(end) || end < begin) throw damaged("has no valid data_offsets");
  if (end > dataLength)
    throw damaged(`ends at byte ${end} of ${dataLength}; the file is cut short or was not downloaded whole`);
  const expected = elementCount(shape) * elementSize(dataType);
  if (expected !== end - begin)
    throw damaged(`takes ${end - begin} bytes where its shape [${shape.join(", ")}] needs ${expected}`);
  return { name, dataType, shape, begin: dataStart + begin, end: dataStart + end };
}

/** Refuses tensors that share bytes: no writer makes such files, and a small file could pretend to be large. */
function refuseOverlaps(tensors: Iterable<TensorEntry>, file: string): void {
  const sorted = [...tensors].filter((entry) => entry.end > entry.begin).sort((a, b) => a.begin - b.begin);
  let previous: TensorEntry | undefined;
  for (const entry of sorted) {
    if (previous && entry.begin < previous.end)
      throw new CheckpointError(
        "damaged",
        `${file}: the tensors ${shown(previous.name)} and ${shown(entry.name)} overlap.`,
      );
    previous = entry;
  }
}

/**
 * Parses the JSON header of a safetensors file.
 * @param bytes the header, without the 8 bytes of its length
 * @param fileSize the size of the whole file in bytes
 * @param file the file's name, for messages
 * @throws CheckpointError when the header is not valid or describes bytes outside the file
 */
export function parseSafetensorsHeader(bytes: Uint8Array, fileSize: number, file: string): SafetensorsHeader {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new CheckpointError("damaged", `${file}: the header is not valid JSON.`, { cause: error });
  }
  if (!isRecord(value)) throw new CheckpointError("damaged", `${file}: the header is not a JSON object.`);
  const dataStart = 8 + bytes.length;
  const tensors = new Map<string, TensorEntry>();
  const metadata = new Map<string, string>();
  const entries = Object.entries(value);
  if (entries.length > mostTensors)
    throw new CheckpointError("damaged", `${file}: the header lists ${entries.length} tensors.`);
  for (const [name, description] of entries) {
    if (name === "__metadata__") {
      if (!isRecord(description)) throw new CheckpointError("damaged", `${file}: the metadata are not text.`);
      for (const [key, text] of Object.entries(description))
        if (typeof text === "string") metadata.set(key, text);
      continue;
    }
    tensors.set(name, entryOf(name, description, file, dataStart, fileSize - dataStart));
  }
  refuseOverlaps(tensors.values(), file);
  return { tensors, metadata };
}
