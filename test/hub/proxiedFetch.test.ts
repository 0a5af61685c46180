// Fetches through a proxy: what it is asked for, what it can read, and what is said where it refuses.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HubConnection } from "../../src/hub/hubConnection.ts";
import { fetchFiles } from "../../src/hub/repositoryFetch.ts";
import { listRepository } from "../../src/hub/repositoryListing.ts";
import { fetchingProgram } from "./fetchingProgram.ts";
import { HubServer, type HubServerOptions } from "./hubServer.ts";
import { ProxyServer, type ProxyServerOptions } from "./proxyServer.ts";
import { seededBytes } from "./seededBytes.ts";

const name = "someone/tiny";
const token = "hf_SECRETSECRETSECRET";
const files = {
  "model_index.json": Buffer.from("{}"),
  "unet/big.safetensors": seededBytes(300_000, 1),
};
const variables = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];

let folder: string;
let server: HubServer;
let proxy: ProxyServer;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "limner-proxied-"));
  for (const variable of variables.flatMap((one) => [one, one.toLowerCase()]))
    vi.stubEnv(variable, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.stop();
  await proxy.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(
  proxyOptions: ProxyServerOptions = {},
  hubOptions: HubServerOptions = {},
): Promise<void> {
  server = await HubServer.start({ [name]: { files } }, hubOptions);
  proxy = await ProxyServer.start(proxyOptions);
}

function environment(values: Readonly<Record<string, string>>): void {
  for (const [variable, value] of Object.entries(values)) vi.stubEnv(variable, value);
}

async function fetchAll(stallMilliseconds = 5000): Promise<string> {
  const settings = { endpoint: server.endpoint, offline: false, cache: folder, token, stallMilliseconds };
  const connection = new HubConnection(settings);
  const patience = { firstPauseMilliseconds: 5 };
  try {
    const listed = await listRepository(connection, { repository: name }, patience);
    const fetched = await fetchFiles(connection, listed, listed.files, { ...patience, chunkBytes: 100_000 });
    return fetched.folder;
  } finally {
    await connection.close();
  }
}

function expectComplete(snapshot: string): void {
  for (const [path, bytes] of Object.entries(files))
    expect(readFileSync(join(snapshot, path)).equals(bytes), path).toBe(true);
}

const hostOf = (address: string) => new URL(address).host;

describe("plain HTTP", () => {
  it.each(["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])(
    "is asked of the proxy of %s, hub and store alike",
    async (variable) => {
      await start();
      environment({ [variable]: `http://${proxy.host}` });
      expectComplete(await fetchAll());
      expect(proxy.requests).toHaveLength(server.requests.length);
      expect(new Set(proxy.requests.map(({ method }) => method))).toEqual(new Set(["GET"]));
      const hosts = proxy.requests.map(({ target }) => hostOf(target));
      expect(new Set(hosts)).toEqual(new Set([hostOf(server.endpoint), hostOf(server.store)]));
    },
  );

  it("goes past the proxies of other schemes", async () => {
    await start();
    environment({ HTTPS_PROXY: `http://${proxy.host}` });
    expectComplete(await fetchAll());
    expect(proxy.requests).toEqual([]);
  });

  it("takes a proxy without a scheme", async () => {
    await start();
    environment({ HTTP_PROXY: proxy.host });
    expectComplete(await fetchAll());
    expect(proxy.requests.length).toBeGreaterThan(0);
  });

  it("has a name and a password for the proxy alone", async () => {
    await start({ credentials: "me@work:p/ss" });
    environment({ HTTP_PROXY: `http://me%40work:p%2Fss@${proxy.host}` });
    expectComplete(await fetchAll());
    expect(proxy.requests).toHaveLength(server.requests.length);
  });
});

describe("NO_PROXY", () => {
  const ofHub = () => proxy.requests.filter(({ target }) => hostOf(target) === hostOf(server.endpoint));
  const ofStore = () => proxy.requests.filter(({ target }) => hostOf(target) === hostOf(server.store));

  it.each([
    ["NO_PROXY", "127.0.0.1", false, true],
    ["no_proxy", "other.example, localhost", true, false],
    ["NO_PROXY", ".0.0.1,localhost", false, false],
    ["no_proxy", "*", false, false],
    ["NO_PROXY", "127.0.0.1:1", true, true],
  ])("%s=%s: hub by proxy %s, store by proxy %s", async (variable, value, isHubProxied, isStoreProxied) => {
    await start();
    environment({ HTTP_PROXY: `http://${proxy.host}`, [variable]: value });
    expectComplete(await fetchAll());
    expect(ofHub().length > 0).toBe(isHubProxied);
    expect(ofStore().length > 0).toBe(isStoreProxied);
  });
});

describe("what goes wrong at the proxy is explained", () => {
  it.each<[string, ProxyServerOptions, string, RegExp]>([
    [
      "no password",
      { credentials: "me:right" },
      "",
      /^The proxy http:\/\/127\.0\.0\.1:\d+ asks for a name and a password \(407\)\. Put them into HTTPS_PROXY: http:\/\/NAME:PASSWORD@HOST:PORT\.$/,
    ],
    [
      "a wrong password",
      { credentials: "me:right" },
      "me:wrong@",
      /^The proxy http:\/\/127\.0\.0\.1:\d+ does not take the name and password that HTTPS_PROXY has \(407\)\. Correct them\.$/,
    ],
  ])("%s", async (_, options, credentials, message) => {
    await start(options);
    environment({ HTTP_PROXY: `http://${credentials}${proxy.host}` });
    await expect(fetchAll()).rejects.toThrow(message);
    expect(server.requests).toEqual([]);
    expect(proxy.requests).toHaveLength(1);
  });

  it("a proxy that is not there", async () => {
    await start();
    const { host } = proxy;
    await proxy.stop();
    environment({ HTTP_PROXY: `http://me:SECRET@${host}` });
    await expect(fetchAll()).rejects.toThrow(
      `${hostOf(server.endpoint)} cannot be reached for ${name} through the proxy http://${host} (ECONNREFUSED). Check the network and the proxy; what was fetched is kept.`,
    );
    proxy = await ProxyServer.start();
  });

  it("a proxy that never answers", async () => {
    await start({ isSilent: true });
    environment({ HTTP_PROXY: `http://${proxy.host}` });
    await expect(fetchAll(100)).rejects.toThrow(
      `through the proxy http://${proxy.host} (UND_ERR_HEADERS_TIMEOUT)`,
    );
  });
});

// Trust in a certificate is settled when a process starts.
describe("HTTPS", () => {
  const tls = {
    key: readFileSync("test/fixtures/tls/key.pem"),
    cert: readFileSync("test/fixtures/tls/certificate.pem"),
  };

  async function fetchInProcess(
    env: Record<string, string>,
  ): Promise<{ readonly folder?: string; readonly error?: string }> {
    const program = await fetchingProgram(folder);
    const fetching = fork(program, [server.endpoint, join(folder, "cache"), name, "100000"], {
      execArgv: [],
      env: {
        ...process.env,
        NODE_EXTRA_CA_CERTS: "test/fixtures/tls/certificate.pem",
        HF_TOKEN: token,
        ...env,
      },
    });
    const [answer] = await once(fetching, "message");
    return answer;
  }

  it.each([
    ["HTTPS_PROXY", "http://"],
    ["https_proxy", "http://"],
    ["HTTPS_PROXY", ""],
  ])(
    "goes through a tunnel of %s=%sNAME:PASSWORD@HOST:PORT, in which the proxy reads neither token nor bytes",
    async (variable, scheme) => {
      await start({ credentials: "me:SECRET" }, { tls });
      const { folder: snapshot = "", error } = await fetchInProcess({
        [variable]: `${scheme}me:SECRET@${proxy.host}`,
      });
      expect(error).toBeUndefined();
      expectComplete(snapshot);
      expect(proxy.requests.length).toBeGreaterThan(1);
      for (const { method, target, headers } of proxy.requests) {
        expect(method).toBe("CONNECT");
        expect([hostOf(server.endpoint), hostOf(server.store)]).toContain(target);
        expect(headers["authorization"]).toBeUndefined();
      }
      expect(proxy.tunnelled.length).toBeGreaterThan(1000);
      expect(proxy.tunnelled.includes(token)).toBe(false);
      expect(JSON.stringify(proxy.requests)).not.toContain(token);
      const [hub] = server.requests;
      expect(hub?.authorization).toBe(`Bearer ${token}`);
    },
  );

  it("goes past the proxy where NO_PROXY says so", async () => {
    await start({}, { tls });
    const { folder: snapshot = "" } = await fetchInProcess({
      HTTPS_PROXY: `http://${proxy.host}`,
      NO_PROXY: "localhost,127.0.0.1",
    });
    expectComplete(snapshot);
    expect(proxy.requests).toEqual([]);
  });

  it.each<[ProxyServerOptions, RegExp]>([
    [{ credentials: "me:right" }, /asks for a name and a password \(407\)/],
    [
      { status: 403 },
      /^The proxy http:\/\/127\.0\.0\.1:\d+ lets nobody through to 127\.0\.0\.1:\d+ \(403\)\. Ask who runs it, or put 127\.0\.0\.1:\d+ into NO_PROXY\.$/,
    ],
  ])("says why the proxy opens no tunnel: %j", async (options, message) => {
    await start(options, { tls });
    environment({ HTTPS_PROXY: `http://${proxy.host}` });
    await expect(fetchAll()).rejects.toThrow(message);
    expect(proxy.requests.map(({ method }) => method)).toEqual(["CONNECT"]);
    expect(server.requests).toEqual([]);
  });

  it("tries again where the proxy cannot reach the hub, and says so in the end", async () => {
    await start({ status: 502 }, { tls });
    environment({ HTTPS_PROXY: `http://${proxy.host}` });
    await expect(fetchAll()).rejects.toThrow(
      `The hub could not give ${name} (502). Try again later; what was fetched is kept.`,
    );
    expect(proxy.requests).toHaveLength(6);
  });

  it("gives a proxy up that never answers", async () => {
    await start({ isSilent: true }, { tls });
    environment({ HTTPS_PROXY: `http://${proxy.host}` });
    await expect(fetchAll(100)).rejects.toThrow(
      `through the proxy http://${proxy.host} (UND_ERR_HEADERS_TIMEOUT)`,
    );
  });
});
