import { expect, test } from "vitest";
import { Queue } from "../../../src/openvino/c-api/queue.ts";

test("runs one task at a time, in order", async () => {
  const queue = new Queue();
  const order: string[] = [];
  const task = (name: string) => async () => {
    order.push(`${name} starts`);
    await new Promise((resolve) => setImmediate(resolve));
    order.push(`${name} ends`);
    return name;
  };
  expect(await Promise.all([queue.add(task("a")), queue.add(task("b"))])).toEqual(["a", "b"]);
  expect(order).toEqual(["a starts", "a ends", "b starts", "b ends"]);
});

test("a failed task rejects for its own caller only", async () => {
  const queue = new Queue();
  const failed = queue.add(() => Promise.reject(new Error("broken")));
  const next = queue.add(async () => "next");
  await expect(failed).rejects.toThrow("broken");
  expect(await next).toBe("next");
});
