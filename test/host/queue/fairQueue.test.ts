import { expect, test } from "vitest";
import { FairQueue } from "../../../src/host/queue/fairQueue.ts";

function queueOf(items: readonly string[]): FairQueue<string, string> {
  const queue = new FairQueue<string, string>();
  for (const item of items) queue.add(item.slice(0, 1), item);
  return queue;
}

/** Takes everything, one turn each. */
function drain(queue: FairQueue<string, string>): string[] {
  const taken: string[] = [];
  for (let item = queue.next(); item !== undefined; item = queue.next()) {
    queue.remove(item.slice(0, 1), item);
    taken.push(item);
  }
  return taken;
}

test("owners take turns, each one's items in their order", () => {
  const items = ["a1", "a2", "a3", "a4", "b1", "b2", "c1"];
  expect(queueOf(items).order()).toEqual(["a1", "b1", "c1", "a2", "b2", "a3", "a4"]);
  expect(drain(queueOf(items))).toEqual(["a1", "b1", "c1", "a2", "b2", "a3", "a4"]);
});

test("who comes late waits for one turn of the others, not for all that they have waiting", () => {
  const queue = queueOf(["a1", "a2", "a3"]);
  expect(queue.next()).toBe("a1");
  queue.remove("a", "a1");
  queue.add("b", "b1");
  expect(drain(queue)).toEqual(["a2", "b1", "a3"]);
});

test("an item that is not removed has its owner's next turn too", () => {
  const queue = queueOf(["a1", "b1", "b2"]);
  expect([queue.next(), queue.next(), queue.next(), queue.next()]).toEqual(["a1", "b1", "a1", "b1"]);
});

test("an item moves among its owner's, behind those that have begun", () => {
  const queue = queueOf(["a1", "b1", "a2", "a3", "a4"]);
  expect(queue.move("a", "a4", 1, 0)).toBe(0);
  expect(queue.of("a")).toEqual(["a1", "a4", "a2", "a3"]);
  expect(queue.move("a", "a4", 1, 99)).toBe(2);
  expect(queue.move("a", "a1", 1, 1)).toBeUndefined();
  expect(queue.move("a", "b1", 0, 0)).toBeUndefined();
  expect(queue.of("b")).toEqual(["b1"]);
});

test("what is removed is gone, and removing it again says so", () => {
  const queue = queueOf(["a1", "b1"]);
  expect([queue.remove("a", "a1"), queue.remove("a", "a1"), queue.remove("c", "c1")]).toEqual([
    true,
    false,
    false,
  ]);
  expect(drain(queue)).toEqual(["b1"]);
  expect(queue.next()).toBeUndefined();
});
