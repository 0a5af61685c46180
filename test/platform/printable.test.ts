import { expect, it } from "vitest";
import { printable } from "../../src/platform/printable.ts";

it("takes from a text what a terminal would obey, and nothing else", () => {
  expect(printable("a\x1b[2Jb\x9bc\r")).toBe("a\ufffd[2Jb\ufffdc\ufffd");
  expect(printable("Größe:\t1\n日本")).toBe("Größe:\t1\n日本");
});
