import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { targetOf } from "../../packaging/targets.ts";
import { type CodeServer, startCodeServer } from "./support/codeServer.ts";
import { packagedLimner } from "./support/packagedLimner.ts";

const target = targetOf(`${process.platform}-${process.arch}`);

/** A network namespace of its own has no network at all; not every container may make one. */
const canUnshare = spawnSync("unshare", ["-n", "true"]).status === 0;

let server: CodeServer;
let extension: string;
let node: string;
beforeAll(async () => {
  server = await startCodeServer({ vsix: packagedLimner });
  const name = readdirSync(server.extensions).find((entry) => entry.startsWith("limner.limner-"));
  extension = join(server.extensions, name ?? "not installed");
  node = join(extension, "node_modules", target.nodePackage, target.nodeProgram);
});
afterAll(() => server?.stop());

/** Runs the installed command line on the Node beside it, where there is nothing else: no home, no PATH. */
function limner(home: string, parameters: readonly string[], wrapper: readonly string[] = []) {
  const [command = node, ...rest] = [...wrapper, node, join(extension, "bin", "limner.mjs"), ...parameters];
  return spawnSync(command, rest, {
    cwd: home,
    env: { HOME: home, PATH: wrapper.length === 0 ? "" : process.env["PATH"] },
    encoding: "utf8",
  });
}

describe("what the installed package carries", () => {
  let home: string;
  beforeEach(() => {
    home = join(server.home, "empty");
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home);
  });

  test("is a Node that can be run", () => {
    expect(statSync(node).mode & 0o111).toBe(0o111);
    expect(spawnSync(node, ["--version"], { encoding: "utf8" }).stdout).toMatch(/^v26\./);
  });

  test("is the OpenVINO that it uses", () => {
    const { runtime } = JSON.parse(limner(home, ["doctor", "--json"]).stdout);
    expect(runtime.library.startsWith(join(extension, "openvino"))).toBe(true);
    expect(runtime.devices.map((device: { name: string }) => device.name)).toEqual(["CPU"]);
  });

  test("is a command line for the terminal, on that Node", () => {
    const run = spawnSync(join(extension, "bin", "terminal", "limner"), ["models", "list"], {
      cwd: home,
      env: { HOME: home, PATH: "/usr/bin:/bin" },
      encoding: "utf8",
    });
    expect(run.stdout, run.stderr).toContain("limner-tiny");
  });

  test("says under which licenses it is", () => {
    const notices = readFileSync(join(extension, "ThirdPartyNotices.txt"), "utf8");
    for (const work of ["OpenVINO", target.nodePackage, "sharp", "koffi", "zod", "LGPL-3.0-or-later"]) {
      expect(notices).toContain(work);
    }
    for (const text of ["licenses/LGPL-3.0.txt", "licenses/node.txt", "openvino/licenses/LICENSE"]) {
      expect(statSync(join(extension, text)).size).toBeGreaterThan(1000);
    }
  });

  async function expectRedOnBlue(file: string): Promise<void> {
    const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([128, 128]);
    const pixel = (x: number, y: number) => [...data.subarray((y * 128 + x) * 3, (y * 128 + x) * 3 + 3)];
    const [corner, blue] = [pixel(2, 2), 2];
    expect(Math.max(...corner)).toBe(corner[blue]);
    const reds = Array.from({ length: 128 * 128 }, (_, at) => pixel(at % 128, Math.floor(at / 128))).filter(
      ([r = 0, g = 0, b = 0]) => r > 150 && g < 110 && b < 110,
    );
    expect(reds.length).toBeGreaterThan(500);
  }

  test("draws with an empty home and nothing on PATH", async () => {
    const file = join(home, "circle.png");
    const prompt = "a large red circle on a blue background";
    const run = limner(home, ["generate", prompt, "--seed", "3", "--out", file]);
    expect(run.status, run.stderr).toBe(0);
    await expectRedOnBlue(file);
  });

  test.skipIf(!canUnshare)("draws without any network", async () => {
    const file = join(home, "circle.png");
    const prompt = "a large red circle on a blue background";
    const run = limner(home, ["generate", prompt, "--seed", "3", "--out", file], ["unshare", "-n", "--"]);
    expect(run.status, run.stderr).toBe(0);
    await expectRedOnBlue(file);
  });

  test("writes nothing into its own folder", () => {
    const before = readdirSync(extension, { recursive: true }).length;
    limner(home, ["generate", "a green star on a white background", "--steps", "2", "--out", home]);
    expect(readdirSync(extension, { recursive: true }).length).toBe(before);
    expect(existsSync(join(home, ".cache", "limner"))).toBe(true);
  });
});
