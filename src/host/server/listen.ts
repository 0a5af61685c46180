import { chmod, rm } from "node:fs/promises";
import { connect, type Server } from "node:net";
import type { HostEndpoint } from "../../platform/hostEndpoint.ts";

/** Another host serves this endpoint already. */
export class AlreadyServed extends Error {
  constructor(address: string) {
    super(`A host listens at ${address} already.`);
    this.name = "AlreadyServed";
  }
}

function bind(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(address, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Whether somebody accepts connections at an address. */
export function isServed(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const answer = (served: boolean) => {
      socket.destroy();
      resolve(served);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
  });
}

/**
 * Has a server listen where only the user may connect. The system says who was first: a socket that a killed host left
 * behind refuses connections and is replaced.
 * @throws AlreadyServed
 */
export async function listen(
  server: Server,
  { address }: HostEndpoint,
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  try {
    await bind(server, address);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    if (platform === "win32" || (await isServed(address))) throw new AlreadyServed(address);
    await rm(address, { force: true });
    await bind(server, address);
  }
  if (platform !== "win32") await chmod(address, 0o600);
}
