import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { describeGeneration } from "../../src/images/generationRecord.ts";
import { encodeImage } from "../../src/images/imageEncoding.ts";
import type { ImageFormat } from "../../src/images/imageFormat.ts";
import { readParameters } from "../../src/images/parametersReading.ts";
import type { RgbaImage } from "../../src/images/rgbImage.ts";
import { digitalSourceType } from "../../src/images/xmpPacket.ts";
import { oddText, seededRandom } from "./seededRandom.ts";
import { testRecord, twoColors } from "./testRecord.ts";

const formats: ImageFormat[] = ["png", "jpeg", "webp", "avif"];
const metadata = describeGeneration(testRecord());

describe.each(formats)("%s", (format) => {
  test("keeps size and colors", async () => {
    const bytes = await encodeImage(twoColors(32, 16), format, metadata);
    const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([32, 16, 3]);
    const pixel = (x: number) => [...data.subarray((8 * 32 + x) * 3, (8 * 32 + x) * 3 + 3)];
    const difference = (a: number[], b: number[]) =>
      Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? 0))));
    const tolerance = format === "png" ? 0 : 8;
    expect(difference(pixel(4), [220, 30, 40])).toBeLessThanOrEqual(tolerance);
    expect(difference(pixel(28), [20, 60, 230])).toBeLessThanOrEqual(tolerance);
  });

  test("the same picture and record give the same bytes", async () => {
    const once = await encodeImage(twoColors(), format, metadata);
    const again = await encodeImage(twoColors(), format, metadata);
    expect(again.equals(once)).toBe(true);
  });

  test("bears IPTC's mark of a generated picture", async () => {
    const { xmp } = await sharp(await encodeImage(twoColors(), format, metadata)).metadata();
    expect(xmp?.toString("utf8")).toContain(digitalSourceType);
  });

  test("gives back the exact request, also for prompts that look like its own text", async () => {
    const random = seededRandom(3);
    for (let round = 0; round < 8; round++) {
      const request = { prompt: oddText(random, 20), negativePrompt: oddText(random, 6) };
      const bytes = await encodeImage(twoColors(), format, describeGeneration(testRecord({ request })));
      const found = await readParameters(bytes);
      expect(found?.source).toBe("limner");
      expect(found?.request).toEqual({
        ...request,
        model: "limner-tiny",
        size: { width: 128, height: 96 },
        steps: 20,
        guidanceScale: 4.5,
        seed: 7,
        scheduler: "euler",
      });
    }
  });

  test("other tools find the parameters, in any script", async () => {
    const request = { prompt: "a café, 猫 🐈\nsecond line", negativePrompt: "ugly" };
    const bytes = await encodeImage(twoColors(), format, describeGeneration(testRecord({ request })));
    const found = await readParameters(bytes);
    expect(found?.parameters?.prompt).toBe(request.prompt);
    expect(found?.parameters?.negativePrompt).toBe("ugly");
    expect(found?.parameters?.settings.get("Sampler")).toBe("Euler");
  });

  test("the longest prompts are written, and found where the format has the room", async () => {
    const request = { prompt: "é".repeat(20_000), negativePrompt: "n".repeat(20_000) };
    const bytes = await encodeImage(twoColors(), format, describeGeneration(testRecord({ request })));
    const found = await readParameters(bytes);
    if (format === "jpeg") expect(found).toBeUndefined();
    else expect(found?.request.prompt).toBe(request.prompt);
    const { xmp } = await sharp(bytes).metadata();
    expect(xmp?.toString("utf8")).toContain(digitalSourceType);
  });
});

test("PNG has the parameters in a text chunk right after its header", async () => {
  const bytes = await encodeImage(twoColors(), "png", metadata);
  expect(bytes.toString("latin1", 37, 52)).toBe("tEXtparameters\0");
});

test("the other formats have them in EXIF's user comment, as UTF-16", async () => {
  for (const format of ["jpeg", "webp", "avif"] as const) {
    const { exif } = await sharp(await encodeImage(twoColors(), format, metadata)).metadata();
    const comment = Buffer.from(
      `UNICODE\0${[...metadata.parameters].map((c) => `\0${c}`).join("")}`,
      "latin1",
    );
    expect(exif?.includes(comment)).toBe(true);
  }
});

test("without metadata nothing is said", async () => {
  for (const format of formats)
    expect(await readParameters(await encodeImage(twoColors(), format))).toBeUndefined();
});

describe("opacity", () => {
  const clear: RgbaImage = { width: 8, height: 8, alpha: true, data: new Uint8Array(256).fill(0) };

  test.each(["png", "webp", "avif"] as const)("%s keeps it", async (format) => {
    const { data, info } = await sharp(await encodeImage(clear, format, metadata))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info.channels).toBe(4);
    expect(data[3]).toBe(0);
  });

  test("JPEG has none: what is clear becomes white", async () => {
    const { data, info } = await sharp(await encodeImage(clear, "jpeg", metadata))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info.channels).toBe(3);
    expect([...data.subarray(0, 3)]).toEqual([255, 255, 255]);
  });
});
