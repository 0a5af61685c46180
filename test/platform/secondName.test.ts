import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { secondName } from "../../src/platform/secondName.ts";

const folder = mkdtempSync(join(tmpdir(), "limner-names-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("is the same file, and stays when the first name goes", async () => {
  const [from, to] = [join(folder, "from"), join(folder, "to")];
  writeFileSync(from, "contents");
  await secondName(from, to);
  expect(statSync(to).ino).toBe(statSync(from).ino);
  rmSync(from);
  expect(readFileSync(to, "utf8")).toBe("contents");
});

it("is a whole copy where a link cannot be made", async () => {
  const [from, to] = [join(folder, "a"), join(folder, "b")];
  writeFileSync(from, "new");
  // A name that is taken stands for a file system without links.
  writeFileSync(to, "old");
  await secondName(from, to);
  expect(readFileSync(to, "utf8")).toBe("new");
});
