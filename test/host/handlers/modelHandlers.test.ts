import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modelHandlers } from "../../../src/host/handlers/modelHandlers.ts";
import type { Session } from "../../../src/host/server/session.ts";
import { ModelStore } from "../../../src/models/store/modelStore.ts";
import { requests } from "../../../src/protocol/requests.ts";
import { HubServer } from "../../hub/hubServer.ts";
import { servedFolder } from "../../hub/servedFolder.ts";

const lora = "test/fixtures/convert/sdxl-like/lora/kohya.safetensors";
let folder: string;
let server: HubServer;
let hubToken: string | undefined;
const told: { work: string; sentence: string; fraction?: number }[] = [];
const before = { ...process.env };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "limner-handlers-"));
  const files = servedFolder("test/fixtures/convert/sdxl-like/source");
  server = await HubServer.start({ "tiny/sdxl": { files, license: "openrail++" } });
  process.env["HF_ENDPOINT"] = server.endpoint;
  process.env["HF_HOME"] = join(folder, "hf");
});
afterAll(async () => {
  process.env = before;
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Name = keyof typeof requests & `${string}Model${string}`;

/** Sends a request through its schemas, as the dispatcher does. */
async function ask(name: Name, params: unknown, signal = new AbortController().signal): Promise<unknown> {
  const handlers = modelHandlers(new ModelStore(join(folder, "models")));
  const session = { hubToken, notify: (_: unknown, values: (typeof told)[number]) => told.push(values) };
  const handle = handlers[name] as unknown as (params: unknown, context: unknown) => Promise<unknown>;
  const result = await handle(requests[name].params.parse(params), {
    session: session as unknown as Session,
    signal,
  });
  return requests[name].result.parse(result);
}

describe("the host's requests about models", () => {
  it("download one whose license is accepted, and convert it", async () => {
    const wanted = { what: "tiny/sdxl", work: "w1" };
    await expect(ask("downloadModel", wanted)).rejects.toMatchObject({ code: "license-not-accepted" });
    expect(await ask("downloadModel", { ...wanted, acceptLicense: true })).toEqual({
      name: "sdxl",
      type: "model",
      ready: true,
      license: "openrail++",
      weights: "int8",
    });
    expect(told.every(({ work }) => work === "w1")).toBe(true);
    expect(told.some(({ sentence }) => sentence.startsWith("Fetching: 100 %"))).toBe(true);
    expect(told.some(({ sentence, fraction }) => sentence.startsWith("Converting:") && fraction === 1)).toBe(
      true,
    );
  });

  it("import a LoRA, list, inspect, verify", async () => {
    expect(await ask("importModel", { path: resolve(lora), name: "style" })).toMatchObject({
      type: "lora",
      ready: true,
    });
    const { models, available } = (await ask("listModels", {})) as {
      models: { name: string }[];
      available: { name: string }[];
    };
    expect(models.map(({ name }) => name)).toEqual(["limner-tiny", "limner-tiny-refiner", "sdxl", "style"]);
    expect(available.map(({ name }) => name)).toContain("sdxl-base");
    expect(await ask("inspectModel", { what: "style" })).toMatchObject({
      where: "here",
      kind: "lora",
      rank: 4,
    });
    expect(await ask("inspectModel", { what: "tiny/sdxl" })).toMatchObject({
      where: "hub",
      kind: "diffusers",
      license: "openrail++",
      licenseLink: `${server.endpoint}/tiny/sdxl`,
      nonCommercial: false,
      licenseAccepted: true,
    });
    expect(await ask("verifyModel", { name: "sdxl" })).toMatchObject({ problems: [] });
  });

  it("say what a model that is here has become on the hub", async () => {
    const files = servedFolder("test/fixtures/tiny-sdxl");
    const [what, repository] = ["segmind-vega", "segmind/Segmind-Vega"];
    server.repositories[repository] = { files, license: "apache-2.0" };
    await ask("downloadModel", { what, acceptLicense: true });
    expect(await ask("inspectModel", { what })).toMatchObject({ where: "here", license: "apache-2.0" });
    server.repositories[repository] = { files, license: "other", licenseName: "a-nc-license" };
    expect(await ask("inspectModel", { what, onHub: true })).toMatchObject({
      where: "hub",
      repository,
      license: "a-nc-license",
      nonCommercial: true,
      licenseAccepted: false,
    });
    await ask("removeModel", { name: what });
  });

  it("read a gated repository with the client's own token, and say where it is needed", async () => {
    const files = servedFolder("test/fixtures/tiny-sdxl");
    server.repositories["tiny/gated"] = { files, gated: true, token: "hf_own" };
    const wanted = { what: "tiny/gated", acceptLicense: true, name: "gated" };
    await expect(ask("downloadModel", wanted)).rejects.toMatchObject({ code: "access-denied" });
    hubToken = "hf_own";
    expect(await ask("downloadModel", wanted)).toMatchObject({ name: "gated", ready: true });
    hubToken = undefined;
    await ask("removeModel", { name: "gated" });
  });

  it("convert with other weights", async () => {
    expect(await ask("convertModel", { name: "sdxl", weights: "fp16" })).toMatchObject({ weights: "fp16" });
  });

  it("end as cancelled where the client stops them", async () => {
    const stopped = ask("verifyModel", { name: "sdxl" }, AbortSignal.abort());
    await expect(stopped).rejects.toMatchObject({ code: "cancelled" });
  });

  it("remove, and leave the user's files alone", async () => {
    expect(await ask("removeModel", { name: "style" })).toMatchObject({ freedBytes: 0 });
    expect(existsSync(lora)).toBe(true);
    const removed = (await ask("removeModel", { name: "sdxl" })) as { freedBytes: number; kept: string[] };
    expect(removed.freedBytes).toBeGreaterThan(1_000_000);
    expect(removed.kept).toEqual([]);
    expect(existsSync(join(folder, "models", "sdxl"))).toBe(false);
  });
});
