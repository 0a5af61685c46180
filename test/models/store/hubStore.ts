import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HubSettings } from "../../../src/hub/hubSettings.ts";
import { ModelStore } from "../../../src/models/store/modelStore.ts";
import { HubServer } from "../../hub/hubServer.ts";

/** A hub that serves repositories, and an empty store of models with a cache of its own. */
export interface HubStore {
  /** Holds both, and nothing else. */
  readonly folder: string;
  readonly server: HubServer;
  readonly store: ModelStore;
  readonly settings: HubSettings;
}

export async function startHubStore(repositories: Parameters<typeof HubServer.start>[0]): Promise<HubStore> {
  const folder = mkdtempSync(join(tmpdir(), "limner-store-"));
  const server = await HubServer.start(repositories);
  const store = new ModelStore(join(folder, "models"));
  const cache = join(folder, "hub");
  const settings = { endpoint: server.endpoint, offline: false, cache, stallMilliseconds: 10_000 };
  return { folder, server, store, settings };
}

export async function stopHubStore({ server, folder }: HubStore): Promise<void> {
  await server.stop();
  rmSync(folder, { recursive: true });
}
