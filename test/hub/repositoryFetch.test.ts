import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HubConnection } from "../../src/hub/hubConnection.ts";
import { type FetchOptions, fetchFiles } from "../../src/hub/repositoryFetch.ts";
import { listRepository, type Repository } from "../../src/hub/repositoryListing.ts";
import type { TransferProgress } from "../../src/hub/transferMeter.ts";
import { etagOf, type Fault, HubServer, type SeenRequest } from "./hubServer.ts";
import { seededBytes } from "./seededBytes.ts";

const name = "someone/tiny";
const token = "hf_SECRETSECRETSECRET";
const files = {
  "model_index.json": Buffer.from('{"_class_name":"StableDiffusionXLPipeline"}'),
  "unet/config.json": Buffer.from("{}"),
  "unet/big.safetensors": seededBytes(300_000, 1),
  "vae/big.safetensors": seededBytes(200_000, 2),
  "vae/same.safetensors": seededBytes(200_000, 2),
  "empty.txt": Buffer.alloc(0),
};

let cache: string;
let server: HubServer;
let connection: HubConnection;
const sentences: string[] = [];

function connect(overrides: { token?: string; stallMilliseconds?: number } = {}): HubConnection {
  return new HubConnection({
    endpoint: server.endpoint,
    offline: false,
    cache,
    stallMilliseconds: 5000,
    ...overrides,
  });
}

beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), "limner-hub-"));
  server = await HubServer.start({ [name]: { files, license: "openrail++" } });
  connection = connect({ token });
  sentences.length = 0;
});

afterEach(async () => {
  await connection.close();
  await server.stop();
  rmSync(cache, { recursive: true, force: true });
});

const patience = { firstPauseMilliseconds: 5, onWait: (sentence: string) => sentences.push(sentence) };

async function fetchAll(
  options: FetchOptions = {},
): Promise<{ repository: Repository; folder: string; fetched: readonly string[] }> {
  const repository = await listRepository(connection, { repository: name }, patience);
  const result = await fetchFiles(connection, repository, repository.files, { ...patience, ...options });
  return { repository, ...result };
}

function expectComplete(folder: string): void {
  for (const [path, bytes] of Object.entries(files))
    expect(readFileSync(join(folder, path)).equals(bytes), path).toBe(true);
}

/** Plans faults for the requests of one file, in order. */
function faults(file: string, ...planned: (Fault | undefined)[]): void {
  server.options.fault = (request: SeenRequest) =>
    request.file === file && (request.origin === "store" || !file.includes("big"))
      ? planned.shift()
      : undefined;
}

describe("a fetch", () => {
  it("brings every file into the layout of the shared cache", async () => {
    const { repository, folder, fetched } = await fetchAll();
    expectComplete(folder);
    const root = join(cache, "models--someone--tiny");
    expect(folder).toBe(join(root, "snapshots", server.commit(name)));
    expect(readFileSync(join(root, "refs", "main"), "utf8")).toBe(server.commit(name));
    const blobs = new Set([
      etagOf(files["model_index.json"], false),
      etagOf(files["unet/config.json"], false),
      etagOf(files["unet/big.safetensors"], true),
      etagOf(files["vae/big.safetensors"], true),
      etagOf(files["empty.txt"], false),
    ]);
    expect(new Set(readdirSync(join(root, "blobs")))).toEqual(blobs);
    expect(new Set(fetched)).toEqual(blobs);
    const pointer = join(folder, "unet", "big.safetensors");
    expect(lstatSync(pointer).isSymbolicLink()).toBe(true);
    expect(readlinkSync(pointer)).toBe(`../../../blobs/${etagOf(files["unet/big.safetensors"], true)}`);
    expect(repository.license).toBe("openrail++");
  });

  it("fetches nothing that is there", async () => {
    await fetchAll();
    const before = server.transfers().length;
    const { fetched } = await fetchAll();
    expect(server.transfers()).toHaveLength(before);
    expect(fetched).toEqual([]);
  });

  it("asks for chunks, and goes on in the middle of a file", async () => {
    const big = files["unet/big.safetensors"];
    const partial = join(cache, "models--someone--tiny", "blobs", `${etagOf(big, true)}.incomplete`);
    mkdirSync(join(cache, "models--someone--tiny", "blobs"), { recursive: true });
    writeFileSync(partial, big.subarray(0, 123_456));
    const { folder } = await fetchAll({ chunkBytes: 100_000 });
    expectComplete(folder);
    const asked = server.transfers("unet/big.safetensors").map(({ first, last }) => [first, last]);
    expect(asked).toEqual([
      [123_456, 223_455],
      [223_456, 299_999],
    ]);
  });

  it("starts anew where what was left is wrong", async () => {
    const big = files["unet/big.safetensors"];
    await fetchAll();
    const blob = join(cache, "models--someone--tiny", "blobs", etagOf(big, true));
    rmSync(blob);
    writeFileSync(`${blob}.incomplete`, Buffer.alloc(1000));
    const { folder } = await fetchAll();
    expectComplete(folder);
    expect(existsSync(`${blob}.incomplete`)).toBe(false);
  });

  it("reports bytes up to the total", async () => {
    const reports: TransferProgress[] = [];
    await fetchAll({ onProgress: (report) => reports.push(report) });
    // The two equal files count once.
    const total = Object.values(files).reduce((sum, { length }) => sum + length, 0) - 200_000;
    expect(reports.at(-1)).toMatchObject({ bytesDone: total, bytesTotal: total });
    for (const [index, { bytesDone }] of reports.entries())
      expect(bytesDone).toBeGreaterThanOrEqual(reports[index - 1]?.bytesDone ?? 0);
  });

  it("can be cancelled and goes on later without a byte twice", async () => {
    server.options.pieceMilliseconds = 2;
    server.options.pieceBytes = 4096;
    const controller = new AbortController();
    const onProgress = ({ bytesDone }: TransferProgress) => {
      if (bytesDone > 150_000) controller.abort(new Error("stopped"));
    };
    await expect(fetchAll({ signal: controller.signal, onProgress, chunkBytes: 16_384 })).rejects.toThrow(
      "stopped",
    );
    server.options.pieceMilliseconds = 0;
    const { folder } = await fetchAll({ chunkBytes: 16_384 });
    expectComplete(folder);
  });
});

describe("what goes wrong on the way is got over", () => {
  const big = "unet/big.safetensors";

  it.each<[string, (Fault | undefined)[]]>([
    ["a connection that is cut", [undefined, { cutAfter: 70_000 }, { cutAfter: 10 }]],
    ["a server error", [undefined, { status: 503 }, { status: 500 }]],
    ["a signed address that has run out", [undefined, { status: 403 }]],
    ["a server that ignores ranges", [undefined, { ignoreRange: true }, { ignoreRange: true }]],
    ["a byte that flips", [{ flipAt: 5000 }]],
  ])("%s", async (_, planned) => {
    faults(big, ...planned);
    const { folder } = await fetchAll({ chunkBytes: 100_000 });
    expectComplete(folder);
  });

  it("a server that ignores ranges is asked for the rest once", async () => {
    server.options.fault = ({ file }) => (file === big ? { ignoreRange: true } : undefined);
    const { folder } = await fetchAll({ chunkBytes: 100_000 });
    expectComplete(folder);
    expect(server.transfers(big)).toHaveLength(1);
  });

  it("a connection that stalls", async () => {
    await connection.close();
    connection = connect({ stallMilliseconds: 300 });
    faults(big, { stallAfter: 50_000 });
    const { folder } = await fetchAll({ chunkBytes: 100_000 });
    expectComplete(folder);
    expect(sentences).toEqual(["The connection broke; trying again in 1 s."]);
    // What had arrived was kept.
    expect(server.transfers(big).map(({ first }) => first)).toEqual([0, 50_000, 150_000, 250_000]);
  });

  it("429, as long as the hub asks", async () => {
    faults("model_index.json", { status: 429, headers: { "retry-after": "0.05" } });
    const { folder } = await fetchAll();
    expectComplete(folder);
    expect(sentences).toEqual(["The hub asks for patience (429); trying again in 1 s."]);
  });
});

describe("what cannot be got over is explained", () => {
  it("a file that stays wrong", async () => {
    faults("unet/big.safetensors", ...Array.from({ length: 10 }, () => ({ flipAt: 7 })));
    await expect(fetchAll()).rejects.toThrow(/unet\/big\.safetensors arrived twice with another checksum/);
  });

  it("a server that stays broken, without its signed address", async () => {
    faults("unet/big.safetensors", ...Array.from({ length: 10 }, () => ({ status: 500 })));
    const error = await fetchAll().then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.message).toBe(
      "The hub could not give unet/big.safetensors of someone/tiny (500). Try again later; what was fetched is kept.",
    );
  });

  it.each<[string, string | undefined, RegExp]>([
    [
      "nobody/nothing",
      undefined,
      /nobody\/nothing is not on 127\.0\.0\.1:\d+, or it is private\. .*HF_TOKEN/,
    ],
    [
      "nobody/nothing",
      token,
      /nobody\/nothing is not on 127\.0\.0\.1:\d+, or it is private\. Check its name\./,
    ],
    ["someone/private", undefined, /someone\/private is not on .* HF_TOKEN/],
    ["someone/private", token, /someone\/private may not be read with the token of HF_TOKEN/],
  ])("%s with the token %s", async (repository, ownToken, message) => {
    server.repositories["someone/private"] = { files: {}, token: "other" };
    await connection.close();
    connection = connect({ token: ownToken });
    await expect(listRepository(connection, { repository }, patience)).rejects.toThrow(message);
  });

  it("a gated model", async () => {
    server.repositories["someone/gated"] = { files, token: "other", gated: true };
    await connection.close();
    connection = connect();
    const repository = await listRepository(connection, { repository: "someone/gated" }, patience);
    expect(repository.gated).toBe(true);
    await expect(fetchFiles(connection, repository, repository.files, patience)).rejects.toThrow(
      /is gated: .* Open http:\/\/127\.0\.0\.1:\d+\/someone\/gated, sign in and ask for access\. No token is set/,
    );
  });

  it("a revision that is not there", async () => {
    const unknown = listRepository(connection, { repository: name, revision: "v9" }, patience);
    await expect(unknown).rejects.toThrow("someone/tiny has no such revision.");
  });

  it("a hub that is not there", async () => {
    await server.stop();
    const attempt = listRepository(connection, { repository: name }, patience);
    await expect(attempt).rejects.toThrow(
      /127\.0\.0\.1:\d+ cannot be reached for someone\/tiny \(ECONNREFUSED\)/,
    );
    server = await HubServer.start({});
  });
});

describe("what a hub says", () => {
  it("is not taken where a terminal would obey it", async () => {
    server.repositories[name] = { files, license: "mit\u001b[2J", licenseLink: "https://x/\u001b[2J" };
    const repository = await listRepository(connection, { repository: name }, patience);
    expect([repository.license, repository.licenseLink]).toEqual([undefined, undefined]);
  });

  it("has an end", async () => {
    server.repositories[name] = { files, license: "a".repeat(17 * 1024 * 1024) };
    await expect(listRepository(connection, { repository: name }, patience)).rejects.toThrow(
      "The hub's answer is longer than 16.8 MB: it is none of a hub.",
    );
  });
});

describe("the token", () => {
  it("goes to the endpoint and nowhere else", async () => {
    await fetchAll();
    const [hub, store] = (["hub", "store"] as const).map((origin) =>
      server.requests.filter((one) => one.origin === origin),
    );
    expect(hub?.every(({ authorization }) => authorization === `Bearer ${token}`)).toBe(true);
    expect(store?.length).toBeGreaterThan(0);
    expect(store?.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  it("is in no error and no sentence", async () => {
    const said: string[] = [];
    for (const status of [400, 401, 403, 404, 416, 429, 500]) {
      server.options.fault = () => ({ status });
      await fetchAll().catch((error: Error) => {
        for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
          said.push(cause.message, cause.stack ?? "", JSON.stringify(cause));
      });
    }
    said.push(...sentences);
    expect(said.length).toBeGreaterThan(7);
    for (const text of said) expect(text).not.toContain(token);
    for (const text of said) expect(text).not.toContain("signature");
  });
});
