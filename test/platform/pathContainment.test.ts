import { expect, test } from "vitest";
import { isBelow, isWithin } from "../../src/platform/pathContainment.ts";

test("below a folder or not", () => {
  expect(isBelow("/w", "/w/a/b.png", "linux")).toBe(true);
  expect(isBelow("/w", "/w/..a.png", "linux")).toBe(true);
  expect(isBelow("/w", "/v/b.png", "linux")).toBe(false);
  expect(isBelow("C:\\w", "D:\\w\\b.png", "win32")).toBe(false);
});

test("a folder is within itself, and not below", () => {
  expect([isWithin("/w", "/w", "linux"), isBelow("/w", "/w", "linux")]).toEqual([true, false]);
  expect([isWithin("/w", "/", "linux"), isBelow("/w", "/", "linux")]).toEqual([false, false]);
  expect(isWithin("C:\\w", "c:\\W\\a.png", "win32")).toBe(true);
});
