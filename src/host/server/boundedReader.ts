import type { Socket } from "node:net";
import { AbstractMessageReader, type DataCallback, type Disposable, type Message } from "vscode-jsonrpc";
import * as z from "zod";
import { rpcErrorNumbers } from "../../protocol/wireError.ts";

/** The longest header of a message, in bytes. */
const maximumHeaderBytes = 1024;

/** The longest message, in bytes: the longest prompts and a hundred paths take far less. */
export const maximumMessageBytes = 4 * 1024 * 1024;

const idSchema = z.union([z.string().max(200), z.int()]);
const parametersSchema = z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())]).optional();

/** What a client may send. The host asks clients nothing, so that there are no answers to receive. */
const incomingSchema = z.union([
  z.strictObject({
    jsonrpc: z.literal("2.0"),
    id: idSchema,
    method: z.string().max(200),
    params: parametersSchema,
  }),
  z.strictObject({
    jsonrpc: z.literal("2.0"),
    method: z.literal("$/cancelRequest"),
    params: z.strictObject({ id: idSchema }),
  }),
  z.strictObject({
    jsonrpc: z.literal("2.0"),
    method: z
      .string()
      .max(200)
      .refine((name) => name !== "$/cancelRequest"),
    params: parametersSchema,
  }),
]);

/** A message that breaks the protocol. The connection it came by is closed. */
export class BrokenMessage extends Error {
  /** JSON-RPC's number of what is wrong. */
  readonly number: number;

  constructor(number: number, message: string) {
    super(message);
    this.name = "BrokenMessage";
    this.number = number;
  }
}

/**
 * Reads what clients send, within bounds: vscode-jsonrpc's own reader keeps whatever length a header announces, and
 * hands on whatever JSON it finds. After the first message that breaks the protocol nothing more is read.
 */
export class BoundedReader extends AbstractMessageReader {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  /** Pieces of a body that is still coming, and what is missing of it. */
  #body: { pieces: Buffer[]; missing: number } | undefined;
  #isBroken = false;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
  }

  listen(callback: DataCallback): Disposable {
    const onData = (data: Buffer) => {
      try {
        this.#take(data, callback);
      } catch (error) {
        this.#isBroken = true;
        this.fireError(error);
      }
    };
    const onError = (error: Error) => this.fireError(error);
    const onClose = () => this.fireClose();
    this.#socket.on("data", onData).on("error", onError).on("close", onClose);
    return {
      dispose: () => this.#socket.off("data", onData).off("error", onError).off("close", onClose),
    };
  }

  #take(data: Buffer, callback: DataCallback): void {
    let rest = data;
    while (rest.length > 0 && !this.#isBroken) {
      if (!this.#body) {
        this.#received = Buffer.concat([this.#received, rest]);
        rest = this.#takeHeader();
      }
      if (!this.#body) return;
      const piece = rest.subarray(0, this.#body.missing);
      rest = rest.subarray(piece.length);
      this.#body.pieces.push(piece);
      this.#body.missing -= piece.length;
      if (this.#body.missing > 0) return;
      const body = Buffer.concat(this.#body.pieces);
      this.#body = undefined;
      callback(messageOf(body));
    }
  }

  /** Reads a header, if it is complete. @returns what came after it */
  #takeHeader(): Buffer {
    const end = this.#received.indexOf("\r\n\r\n");
    if (end > maximumHeaderBytes || (end < 0 && this.#received.length > maximumHeaderBytes)) {
      throw new BrokenMessage(
        rpcErrorNumbers.parseError,
        `The header is longer than ${maximumHeaderBytes} bytes.`,
      );
    }
    if (end < 0) return Buffer.alloc(0);
    this.#body = { pieces: [], missing: lengthOf(this.#received.toString("latin1", 0, end)) };
    const rest = this.#received.subarray(end + 4);
    this.#received = Buffer.alloc(0);
    return rest;
  }
}

/** The length that a header announces. */
function lengthOf(header: string): number {
  const lengths: number[] = [];
  for (const line of header.split("\r\n")) {
    const [, name, value] = /^([\w-]+): *(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      throw new BrokenMessage(
        rpcErrorNumbers.parseError,
        "The header has a line without a name and a value.",
      );
    }
    if (name.toLowerCase() !== "content-length") continue;
    if (!/^[0-9]{1,9}$/.test(value)) {
      throw new BrokenMessage(rpcErrorNumbers.parseError, "The header's length is no number.");
    }
    lengths.push(Number(value));
  }
  const [length] = lengths;
  if (length === undefined || lengths.length > 1) {
    throw new BrokenMessage(rpcErrorNumbers.parseError, "The header has not one Content-Length.");
  }
  if (length === 0 || length > maximumMessageBytes) {
    throw new BrokenMessage(
      rpcErrorNumbers.parseError,
      `A message of ${length} bytes is not possible: it may have 1 to ${maximumMessageBytes}.`,
    );
  }
  return length;
}

function messageOf(body: Buffer): Message {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new BrokenMessage(rpcErrorNumbers.parseError, "The message is no JSON in UTF-8.");
  }
  const parsed = incomingSchema.safeParse(value);
  if (!parsed.success) {
    throw new BrokenMessage(rpcErrorNumbers.invalidRequest, "The message is no request and no notification.");
  }
  return parsed.data;
}
