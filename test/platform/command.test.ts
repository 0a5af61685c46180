import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { runCommand } from "../../src/platform/command.ts";

const node = process.execPath;

test("returns the status and both outputs", async () => {
  const script = 'console.log("out"); console.error("err"); process.exitCode = 3';
  expect(await runCommand(node, ["-e", script])).toEqual({ status: 3, stdout: "out\n", stderr: "err\n" });
});

test("runs where and with what it is told", async () => {
  const script = 'process.stdout.write(process.cwd() + " " + process.env.COLOR)';
  const { stdout } = await runCommand(node, ["-e", script], { cwd: tmpdir(), env: { COLOR: "red" } });
  expect(stdout).toBe(`${tmpdir()} red`);
});

test("passes parameters without a shell between", async () => {
  const { stdout } = await runCommand(node, ["-p", "process.argv[1]", "$HOME; echo 'x'"]);
  expect(stdout).toBe("$HOME; echo 'x'\n");
});

test("says that there is no such command", async () => {
  const { status, failure } = await runCommand("limner-no-such-command", []);
  expect({ status, failure }).toEqual({ status: undefined, failure: "there is no such command" });
});

test("ends a command that takes too long", async () => {
  const { status, failure } = await runCommand(node, ["-e", "setInterval(() => {}, 1000)"], { timeout: 300 });
  expect({ status, failure }).toEqual({ status: undefined, failure: "it took longer than 0.3 s" });
});

test("ends a command when it is aborted", async () => {
  const stop = new AbortController();
  const running = runCommand(node, ["-e", "setInterval(() => {}, 1000)"], { signal: stop.signal });
  stop.abort();
  expect((await running).status).toBeUndefined();
});
