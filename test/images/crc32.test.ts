import { expect, test } from "vitest";
import { crc32 } from "../../src/images/crc32.ts";

test("gives the check value of CRC-32 and those of PNG's empty end chunk", () => {
  expect(crc32(Buffer.from("123456789"))).toBe(0xcbf43926);
  expect(crc32(Buffer.from("IEND"))).toBe(0xae426082);
  expect(crc32(new Uint8Array())).toBe(0);
});
