import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { askYesNo } from "../../src/cli/yesNoQuestion.ts";

function asked(typed: string | undefined) {
  const input = new PassThrough();
  const controller = new AbortController();
  const answer = askYesNo("Sure?", {
    input,
    output: new PassThrough(),
    signal: controller.signal,
    onInterrupt: () => controller.abort(),
  });
  if (typed === undefined) input.end();
  else input.write(typed);
  return answer;
}

it.each([
  ["y\n", true],
  [" YES \n", true],
  ["n\n", false],
  ["\n", false],
  [undefined, false],
])("%j is %s", async (typed, expected) => {
  expect(await asked(typed)).toBe(expected);
});

it("Ctrl+C stops the work that asked", async () => {
  await expect(asked("\x03")).rejects.toMatchObject({ name: "AbortError" });
});
