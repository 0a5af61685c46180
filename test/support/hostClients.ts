import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HostClient, type HostClientOptions } from "../../src/client/hostClient.ts";
import { userDirectories } from "../../src/platform/directories.ts";
import { limnerVersion } from "../../src/platform/version.ts";

/** A cache of its own, and so hosts of its own; OpenVINO and compiled models are the user's. */
export interface HostPlace {
  cache: string;
  /** Where pictures go. */
  pictures: string;
  client(options?: Partial<HostClientOptions>): HostClient;
  /** Ends the hosts of all clients and removes everything. */
  remove(): Promise<void>;
}

/** Makes a place for hosts that nobody else uses. */
export function hostPlace(): HostPlace {
  const folder = mkdtempSync(join(tmpdir(), "limner-host-"));
  const [cache, pictures] = [join(folder, "cache"), join(folder, "pictures")];
  for (const path of [cache, pictures]) mkdirSync(path);
  const { cache: real } = userDirectories();
  mkdirSync(join(real, "compiled"), { recursive: true });
  for (const name of readdirSync(real)) {
    if (name !== "host") symlinkSync(join(real, name), join(cache, name));
  }
  const clients: HostClient[] = [];
  return {
    cache,
    pictures,
    client(options = {}) {
      const client = new HostClient({
        packageFolder: process.cwd(),
        version: limnerVersion(),
        name: "test",
        roots: [pictures],
        env: { LIMNER_CACHE_DIR: cache },
        ...options,
      });
      clients.push(client);
      return client;
    },
    async remove() {
      for (const client of clients) await client.stop(true).catch(() => undefined);
      for (const client of clients) client.dispose();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
