import { expect, test } from "vitest";
import { stopAtExit } from "../../../src/openvino/c-api/running.ts";

test("what is running when the process ends is stopped, what has ended is not", () => {
  const before = process.listeners("exit");
  const stopped: string[] = [];
  stopAtExit(() => stopped.push("first"));
  const ended = stopAtExit(() => stopped.push("second"));
  stopAtExit(() => stopped.push("third"));
  ended();
  const added = process.listeners("exit").filter((listener) => !before.includes(listener));
  expect(added).toHaveLength(1);
  added[0]?.(0);
  expect(stopped).toEqual(["first", "third"]);
});
