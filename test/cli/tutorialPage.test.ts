// The commands of docs/tutorial.md, as they stand there, run against a server that has tiny models under the real names.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openRuntime } from "../../src/openvino/find.ts";
import { HubServer } from "../hub/hubServer.ts";
import { servedFolder } from "../hub/servedFolder.ts";
import { runLimner } from "../support/limner.ts";

const fixtures = "test/fixtures/convert";
/** Tiny models draw tiny pictures; the model's own recommendation is 1024x1024 and 25 steps. */
const small = ["--size", "64x64", "--steps", "2"];

let folder: string;
let server: HubServer;

/** What `npm run NAME` runs of the command line. */
function scriptCommand(name: string): string {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
  return /^node bin\/limner\.mjs (.+)$/.exec(scripts[name])?.[1] ?? "";
}

/** The commands of the page, from the first to the last, as arguments of the command line. */
function commands(): string[][] {
  const page = readFileSync("docs/tutorial.md", "utf8");
  const lines = [...page.matchAll(/^(?:npx limner (.+)|npm run (\S+))$/gm)];
  return lines.map(([, limner, script = ""]) => {
    const words = (limner ?? scriptCommand(script)).matchAll(/"([^"]*)"|(\S+)/g);
    return [...words].map(([, quoted, plain]) => quoted ?? plain ?? "");
  });
}

/** The runtime that the set-up of the tests has found: the cache of the test has none. */
async function runtimePlace(): Promise<Record<string, string>> {
  const runtime = await openRuntime();
  const { backend, libraryPath } = runtime;
  runtime.dispose();
  return backend === "c-api" ? { LIMNER_OPENVINO_LIB: dirname(libraryPath) } : {};
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "limner-tutorial-"));
  const lora = readFileSync(join(fixtures, "sdxl-like", "lora", "peft.safetensors"));
  server = await HubServer.start({
    "stabilityai/stable-diffusion-xl-base-1.0": {
      files: servedFolder(join(fixtures, "sdxl-like", "source")),
      license: "openrail++",
    },
    "stabilityai/stable-diffusion-xl-refiner-1.0": {
      files: servedFolder(join(fixtures, "refiner-like", "source")),
      license: "openrail++",
    },
    "latent-consistency/lcm-lora-sdxl": {
      files: { "pytorch_lora_weights.safetensors": lora },
      license: "openrail++",
    },
  });
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

it("run from the first to the last", async () => {
  const env = {
    HF_ENDPOINT: server.endpoint,
    HF_HOME: join(folder, "hf"),
    LIMNER_DATA_DIR: join(folder, "data"),
    LIMNER_CACHE_DIR: join(folder, "cache"),
    ...(await runtimePlace()),
  };
  const ran: string[] = [];
  for (const args of commands()) {
    const { code, stdout, stderr } = await runLimner(args[0] === "generate" ? [...args, ...small] : args, {
      cwd: folder,
      env,
    });
    expect(
      stderr.split("\n").filter((line) => line.startsWith("limner: ")),
      args.join(" "),
    ).toEqual([]);
    expect(code, args.join(" ")).toBe(0);
    if (args[0] === "doctor") expect(stdout).toMatch(/^OpenVINO +20\d\d\.\d+\.\d+.* \([\w-]+\)$/m);
    ran.push(args.slice(0, 2).join(" "));
  }
  expect(ran).toEqual([
    "doctor --setup",
    "doctor",
    "models get",
    "generate a cozy cabin in the snow, evening light",
    "generate a cozy cabin in summer, flowers",
    "models get",
    "generate a cozy cabin in the snow, evening light",
    "models get",
    "generate a cozy cabin in the snow <lora:lcm-lora-sdxl:1>",
  ]);
  for (const picture of ["cabin.png", "summer.png", "refined.png", "quick.png"])
    expect(existsSync(join(folder, picture)), picture).toBe(true);
  const text = readFileSync(join(folder, "quick.png")).toString("latin1");
  expect(text).toContain("<lora:lcm-lora-sdxl:1>");
  expect(text).toMatch(/Sampler: LCM/);
  expect(readFileSync(join(folder, "cabin.png")).toString("latin1")).toMatch(/CFG scale: 5,/);
}, 600_000);
