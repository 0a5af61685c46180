import { cpSync, mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { encoderIdentity } from "../../src/models/encoderIdentity.ts";
import { readModelFolder } from "../../src/models/modelFolder.ts";

const base = mkdtempSync(join(tmpdir(), "limner-identity-"));
afterAll(() => rmSync(base, { recursive: true }));

it("is another for other files, times, devices, precisions and versions", () => {
  const folders = ["a", "b"].map((name) => join(base, name));
  for (const folder of folders) cpSync("test/fixtures/tiny-sdxl", folder, { recursive: true });
  const [first, second] = folders.map((folder) => readModelFolder(folder));
  if (!first || !second) throw new Error("two folders are expected");
  const runtime = { backend: "c-api", version: "1" } as const;
  const execution = { device: "CPU", precision: "auto" } as const;
  const identity = encoderIdentity(first, runtime, execution);
  expect(encoderIdentity(first, runtime, execution)).toBe(identity);
  const others = [
    encoderIdentity(second, runtime, execution),
    encoderIdentity(first, { ...runtime, version: "2" }, execution),
    encoderIdentity(first, runtime, { ...execution, device: "GPU" }),
    encoderIdentity(first, runtime, { ...execution, precision: "f32" }),
  ];
  utimesSync(first.xml("text_encoder_2").replace(/xml$/, "bin"), 5, 5);
  others.push(encoderIdentity(first, runtime, execution));
  rmSync(first.xml("text_encoder"));
  others.push(encoderIdentity(first, runtime, execution));
  expect(new Set([...others, identity]).size).toBe(7);
});
