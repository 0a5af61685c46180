import { expect, it } from "vitest";
import { isDeviceName } from "../../src/platform/deviceName.ts";

it.each([
  ["nul", true],
  ["CON.safetensors", true],
  ["com1", true],
  ["console", false],
  ["com10x", false],
  ["a.nul", false],
])("%s is a device of Windows: %s", (name, expected) => {
  expect(isDeviceName(name)).toBe(expected);
});
