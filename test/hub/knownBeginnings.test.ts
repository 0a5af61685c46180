import { expect, it } from "vitest";
import { KnownBeginnings } from "../../src/hub/knownBeginnings.ts";

const file = { path: "x", size: 100, etag: "e" };
const whole = Buffer.from(Array.from({ length: 100 }, (_, i) => i));

it("asks for what is not known, and for nothing twice", async () => {
  const beginnings = new KnownBeginnings();
  const asked: [number, number][] = [];
  const read = (first: number, count: number) =>
    beginnings.read(file, { first, count }, async (from, length) => {
      asked.push([from, length]);
      return whole.subarray(from, from + length);
    });
  expect([...(await read(0, 10))]).toEqual([...whole.subarray(0, 10)]);
  expect([...(await read(2, 5))]).toEqual([2, 3, 4, 5, 6]);
  expect([...(await read(8, 12))]).toEqual([...whole.subarray(8, 20)]);
  // Not of the beginning.
  expect([...(await read(50, 2))]).toEqual([50, 51]);
  expect([...(await read(0, 1000))]).toEqual([...whole]);
  expect(asked).toEqual([
    [0, 10],
    [10, 10],
    [50, 2],
    [20, 80],
  ]);
  expect(beginnings.take("e")).toEqual(whole);
  expect(beginnings.take("e")).toBeUndefined();
});
