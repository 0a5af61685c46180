import { expect, test } from "vitest";
import { limnerInCode } from "./support/limnerInCode.ts";

const code = limnerInCode();

test("the palette shows the log of the installed package", async () => {
  await code.window.runCommand("Limner: Show Log");
  const lines = await code.window.outputWith("is active.");
  expect(lines.join("\n")).toMatch(/\[info\] Limner \d+\.\d+\.\d+ is active\./);
});
