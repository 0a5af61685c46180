import { expect, test } from "vitest";
import { version } from "../../package.json" with { type: "json" };
import { runLimner } from "../support/limner.ts";

test.each(["version", "--version"])("limner %s prints the version", async (command) => {
  expect(await runLimner([command])).toMatchObject({ code: 0, stdout: `${version}\n` });
});

test("limner without a command explains itself and fails", async () => {
  const { code, stdout, stderr } = await runLimner([]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/^Usage: limner COMMAND/);
});

test("limner names a command that there is not", async () => {
  const { code, stderr } = await runLimner(["paint"]);
  expect([code, stderr]).toEqual([2, 'limner: There is no command "paint". See limner help.\n']);
});
