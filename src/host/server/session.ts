import type { Socket } from "node:net";
import { createMessageConnection, type MessageConnection, SocketMessageWriter } from "vscode-jsonrpc/node";
import type { NotificationType, ParamsOf } from "../../protocol/messageType.ts";
import { rpcErrorNumbers } from "../../protocol/wireError.ts";
import { BoundedReader, BrokenMessage } from "./boundedReader.ts";

/** Who has shown the token. */
export interface ClientIdentity {
  name: string;
  pid: number;
}

/** A closed connection gets so many milliseconds to take what was sent last. */
const lingerMilliseconds = 1000;

/** A client that has not read so many bytes gets no more notifications until it has. */
const mostUnread = 8 * 1024 * 1024;

/** One client's connection. */
export class Session {
  readonly connection: MessageConnection;
  /** Absent until the client has shown the token. */
  identity: ClientIdentity | undefined;
  /** Folders below which the client may have files written. */
  roots: readonly string[] = [];
  /** What the client reads Hugging Face's hub with, beside what the host's environment says. */
  hubToken: string | undefined;
  /** Aborted when the client is gone. */
  readonly gone: AbortSignal;
  readonly #socket: Socket;
  #isClosing = false;

  /** @param onBroken called with what is wrong when the client breaks the protocol; the connection is closed then */
  constructor(socket: Socket, onBroken: (problem: string) => void) {
    this.#socket = socket;
    const controller = new AbortController();
    this.gone = controller.signal;
    this.connection = createMessageConnection(new BoundedReader(socket), new SocketMessageWriter(socket));
    this.connection.onClose(() => controller.abort());
    this.connection.onError(([error]) => {
      onBroken(error.message);
      const number = error instanceof BrokenMessage ? error.number : rpcErrorNumbers.internalError;
      this.refuse(number, error.message);
    });
  }

  get name(): string {
    return this.identity?.name ?? "unknown";
  }

  /** Whether nothing the client sends is heeded any more. */
  get isClosing(): boolean {
    return this.#isClosing || this.gone.aborted;
  }

  /** Tells the client something, unless it does not listen. */
  notify<T extends NotificationType>(type: T, params: ParamsOf<T>): void {
    if (this.isClosing || this.#socket.writableLength > mostUnread) return;
    this.connection.sendNotification(type.method, params).catch(() => undefined);
  }

  /** Answers no request in particular with an error, and closes the connection. */
  refuse(code: number, message: string): void {
    if (this.isClosing) return;
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: null, error: { code, message } }));
    this.#socket.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.#socket.write(body);
    this.close();
  }

  /** Closes the connection when what was sent has gone out. */
  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    // An answer that is on its way is written within the next turns of the event loop.
    setTimeout(() => this.#socket.end(), 10);
    setTimeout(() => this.#socket.destroy(), lingerMilliseconds).unref();
  }
}
