import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  createMessageConnection,
  type MessageConnection,
  ResponseError,
  SocketMessageReader,
  SocketMessageWriter,
} from "vscode-jsonrpc/node";
import { type HostEndpoint, hostEndpoint } from "../platform/hostEndpoint.ts";
import { withLock } from "../platform/lock.ts";
import { initialize } from "../protocol/initialize.ts";
import { LimnerError, messageOf } from "../protocol/limnerError.ts";
import type { ParamsOf, ResultOf } from "../protocol/messageType.ts";
import { errorFromWire } from "../protocol/wireError.ts";
import { type HostProcess, startFailure, startHost } from "./hostProcess.ts";
import type { HostProgram } from "./hostProgram.ts";

/** What the client says of itself; the token comes from the host's folder. */
export type Introduction = Omit<ParamsOf<typeof initialize>, "token">;

/** A connection that the host has accepted. */
export interface HostConnection {
  readonly connection: MessageConnection;
  readonly facts: ResultOf<typeof initialize>;
  /** Fulfilled when it is lost or ended. */
  readonly closed: Promise<void>;
  /** Where this client started the host. */
  readonly process?: HostProcess;
}

/** A host that does not answer for so many milliseconds after its start has failed. */
const startMilliseconds = 60_000;
const pollMilliseconds = 10;

/** Nobody listens there, or whoever did is just ending. */
const absent: ReadonlySet<string> = new Set(["ENOENT", "ECONNREFUSED", "ECONNRESET", "EPIPE"]);

function openSocket(address: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    socket.once("connect", () => resolve(socket));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (absent.has(error.code ?? "")) resolve(undefined);
      else reject(new LimnerError("host-failed", `${address} cannot be reached: ${error.message}.`));
    });
  });
}

/** @returns nothing where no host answers; it may be ending */
async function tryConnect(
  { address, token }: HostEndpoint,
  introduction: Introduction,
): Promise<HostConnection | undefined> {
  const socket = await openSocket(address);
  if (!socket) return undefined;
  const connection = createMessageConnection(
    new SocketMessageReader(socket),
    new SocketMessageWriter(socket),
  );
  try {
    const closed = new Promise<void>((resolve) => {
      connection.onClose(() => resolve());
    });
    connection.onError(() => socket.destroy());
    connection.listen();
    const answer = connection.sendRequest<unknown>(initialize.method, { ...introduction, token });
    const facts = initialize.result.parse(await Promise.race([answer, closed]));
    return { connection, facts, closed };
  } catch (error) {
    connection.dispose();
    socket.destroy();
    if (error instanceof ResponseError && error.data !== undefined) throw errorFromWire(error);
    return undefined;
  }
}

/** Waits until a started host answers. @throws LimnerError `host-failed` */
async function waitFor(
  process: HostProcess,
  endpoint: HostEndpoint,
  { folder }: HostProgram,
  introduction: Introduction,
): Promise<HostConnection> {
  for (let waited = 0; waited < startMilliseconds; waited += pollMilliseconds) {
    const opened = await tryConnect(endpoint, introduction);
    if (opened) return { ...opened, process };
    const ending = process.ending();
    if (ending !== undefined && !process.wasLate()) throw startFailure(folder, ending);
    await pause(pollMilliseconds);
  }
  throw startFailure(folder, `it did not answer within ${startMilliseconds / 1000} s`);
}

/**
 * Connects to the host, which is started where none runs. Of clients that come at once, one starts it.
 * @throws LimnerError `host-failed`
 */
export async function openHost(program: HostProgram, introduction: Introduction): Promise<HostConnection> {
  try {
    const endpoint = await hostEndpoint(program.folder);
    const running = await tryConnect(endpoint, introduction);
    if (running) return running;
    return await withLock(join(program.folder, "start.lock"), async () => {
      const faster = await tryConnect(endpoint, introduction);
      return faster ?? (await waitFor(await startHost(program), endpoint, program, introduction));
    });
  } catch (error) {
    if (error instanceof LimnerError) throw error;
    throw new LimnerError("host-failed", `The host cannot be reached: ${messageOf(error)}`, { cause: error });
  }
}
