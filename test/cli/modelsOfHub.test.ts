// `limner models` as a user runs it, against a server that speaks the hub's API: processes of their own, real files.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HubServer } from "../hub/hubServer.ts";
import { servedFolder } from "../hub/servedFolder.ts";
import { tinySingleFile } from "../hub/tinySingleFile.ts";
import { type CommandRun, runLimner } from "../support/limner.ts";

const token = "hf_SECRETSECRETSECRET";
let folder: string;
let server: HubServer;
const outputs: string[] = [];

function environment(extra: Record<string, string> = {}): Record<string, string> {
  return {
    HF_ENDPOINT: server.endpoint,
    HF_HOME: join(folder, "hf"),
    HF_TOKEN: token,
    LIMNER_DATA_DIR: join(folder, "data"),
    ...extra,
  };
}

async function limner(args: string[], extra: Record<string, string> = {}): Promise<CommandRun> {
  const run = await runLimner(args, { env: environment(extra) });
  outputs.push(run.stdout, run.stderr);
  return run;
}

async function succeed(args: string[], extra: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await limner(args, extra);
  expect(stderr.split("\n").filter((line) => line.startsWith("limner: "))).toEqual([]);
  expect(code).toBe(0);
  return stdout;
}

async function draw(model: string, out: string): Promise<void> {
  const file = join(folder, out);
  await succeed([
    "generate",
    "a",
    "--model",
    model,
    "--size",
    "64x64",
    "--steps",
    "2",
    "--seed",
    "1",
    "--out",
    file,
  ]);
  expect(readFileSync(file).subarray(1, 4).toString()).toBe("PNG");
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "limner-models-"));
  server = await HubServer.start({
    "tiny/ir": { files: servedFolder("test/fixtures/tiny-sdxl"), license: "openrail++" },
    "tiny/diffusers": {
      files: {
        ...servedFolder("test/fixtures/convert/sdxl-like/source"),
        "README.md": Buffer.from("A card."),
        "unet/diffusion_pytorch_model.bin": Buffer.alloc(2_000_000),
      },
      license: "openrail++",
    },
    "tiny/single": { files: { "tiny.safetensors": tinySingleFile() }, license: "apache-2.0" },
  });
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("a model of the hub is fetched, checked, converted and drawn with", () => {
  // At once, as several windows and terminals may.
  it.concurrent.each([
    ["tiny/ir", "ir", "openvino"],
    ["tiny/diffusers", "diffusers", "diffusers"],
    ["tiny/single", "single", "single-file"],
  ])(
    "%s",
    async (repository, name, kind) => {
      const about = JSON.parse(await succeed(["models", "inspect", repository, "--json"]));
      expect(about).toMatchObject({ kind, commit: server.commit(repository) });
      const got = JSON.parse(await succeed(["models", "get", repository, "--accept-license", "--json"]));
      expect(got).toMatchObject({ name, type: "model" });
      const [verified] = JSON.parse(await succeed(["models", "verify", name, "--json"]));
      expect(verified).toMatchObject({ name, problems: [] });
      await draw(name, `${name}.png`);
      const described = JSON.parse(await succeed(["models", "inspect", name, "--json"]));
      expect(described).toMatchObject({ kind: "openvino", architecture: "base", predictionType: "epsilon" });
      // What was computed before anything large was fetched is what is true of the model on the disk.
      expect(about.memoryBytes).toBeGreaterThan(24 * 2 ** 20);
      expect([about.memoryBytes, about.size]).toEqual([described.memoryBytes, described.size]);
    },
    300_000,
  );

  it("and nothing more than is needed", () => {
    const files = new Set(server.transfers().map(({ file }) => file));
    expect(files).toContain("unet/diffusion_pytorch_model.safetensors");
    expect(files).not.toContain("README.md");
    expect(files).not.toContain("unet/diffusion_pytorch_model.bin");
  });

  it("is listed with the disk it takes", async () => {
    const { models: listed } = JSON.parse(await succeed(["models", "list", "--json"]));
    expect(listed.map(({ name, state }: { name: string; state: string }) => [name, state])).toEqual([
      ["limner-tiny", "ready"],
      ["limner-tiny-refiner", "ready"],
      ["diffusers", "ready"],
      ["ir", "ready"],
      ["single", "ready"],
    ]);
    for (const { bytes } of listed) expect(bytes).toBeGreaterThan(100_000);
    expect(await succeed(["models", "list"])).toContain("tiny/diffusers");
  });

  it("without a byte a second time", async () => {
    const before = server.requests.length;
    await succeed(["models", "get", "tiny/ir"]);
    await succeed(["models", "get", "tiny/diffusers"]);
    const asked = server.requests.slice(before).filter(({ sent }) => sent > 0);
    // Only what tells what a repository is.
    expect(new Set(asked.map(({ file }) => file))).toEqual(new Set(["model_index.json", "unet/config.json"]));
  });
});

describe("damage is found", () => {
  it("and mended", async () => {
    const blob = join(
      folder,
      "hf",
      "hub",
      "models--tiny--ir",
      "snapshots",
      server.commit("tiny/ir"),
      "unet",
      "openvino_model.bin",
    );
    const bytes = readFileSync(blob);
    bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
    writeFileSync(blob, bytes);
    const { code, stdout } = await limner(["models", "verify", "ir"]);
    expect(code).toBe(1);
    expect(stdout).toBe(`ir: ${blob} has other contents\n`);
    expect(await succeed(["models", "verify", "ir", "--repair"])).toContain("all as they came");
  });

  it("in a conversion too", async () => {
    const bin = join(folder, "data", "models", "diffusers", "unet", "openvino_model.bin");
    const bytes = readFileSync(bin);
    bytes.writeUInt8(bytes.readUInt8(5000) ^ 128, 5000);
    writeFileSync(bin, bytes);
    const { code, stdout } = await limner(["models", "verify"]);
    expect(code).toBe(1);
    expect(stdout).toContain(`diffusers: ${bin} has other contents\n`);
  });
});

describe("offline", () => {
  it("a filled cache is enough", async () => {
    const requests = server.requests.length;
    const offline = { HF_HUB_OFFLINE: "1", LIMNER_DATA_DIR: join(folder, "other-data") };
    await succeed(["models", "get", "tiny/ir"], offline);
    const run = await succeed(
      [
        "generate",
        "a",
        "--model",
        "ir",
        "--size",
        "64x64",
        "--steps",
        "1",
        "--out",
        join(folder, "offline.png"),
      ],
      offline,
    );
    expect(run).toContain("offline.png");
    expect(server.requests).toHaveLength(requests);
  });

  it("an empty one is said to be empty", async () => {
    const { code, stderr } = await limner(["models", "get", "tiny/ir"], {
      HF_HUB_OFFLINE: "1",
      HF_HOME: join(folder, "empty"),
    });
    expect(code).toBe(1);
    expect(stderr).toContain(
      "limner: tiny/ir is not in the cache, and HF_HUB_OFFLINE forbids to fetch it. Unset HF_HUB_OFFLINE, or name another model.",
    );
  });
});

describe("a license", () => {
  it("is shown, and must be accepted", async () => {
    const { code, stderr } = await limner(["models", "get", "tiny/ir"], {
      LIMNER_DATA_DIR: join(folder, "new-data"),
    });
    expect(code).toBe(1);
    expect(stderr).toContain("tiny/ir is licensed under openrail++");
    expect(stderr).toContain("Accept it (--accept-license)");
    expect(stderr).toMatch(/MB to fetch; memory: about [\d.]+ MB to draw at \d+x\d+ in float32/);
  });
});

describe("removal", () => {
  it("of a checkpoint leaves the model", async () => {
    const root = join(folder, "hf", "hub", "models--tiny--single");
    expect(existsSync(root)).toBe(true);
    await succeed(["models", "remove", "single", "--source"]);
    expect(existsSync(root)).toBe(false);
    await draw("single", "single-2.png");
  });

  it("leaves nothing of what Limner made and fetched", async () => {
    for (const name of ["ir", "diffusers", "single"]) await succeed(["models", "remove", name]);
    expect(existsSync(join(folder, "data", "models", "diffusers"))).toBe(false);
    expect(existsSync(join(folder, "hf", "hub", "models--tiny--ir"))).toBe(false);
    const { models }: { models: { origin: string }[] } = JSON.parse(
      await succeed(["models", "list", "--json"]),
    );
    expect(models.map(({ origin }) => origin)).toEqual(["built-in", "built-in"]);
  });
});

it("the token is in no output", () => {
  for (const text of outputs) expect(text).not.toContain(token);
  for (const { origin, authorization } of server.requests)
    expect(authorization).toBe(origin === "hub" ? `Bearer ${token}` : undefined);
});
