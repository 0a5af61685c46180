import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { conversionSentence } from "../../src/cli/conversionSentence.ts";
import { parseConvertCommand, runConvert } from "../../src/cli/convert.ts";
import { WorkLine } from "../../src/cli/workLine.ts";

describe("limner convert", () => {
  it("takes a source, a folder and options", () => {
    const parsed = parseConvertCommand([
      "model.safetensors",
      "--out",
      "folder",
      "--weights",
      "int4",
      "--group-size",
      "128",
      "--lora",
      "a.safetensors:0.5",
      "--lora",
      "b.safetensors",
      "--lora=c:\\d.safetensors:-1",
      "--prediction-type",
      "v_prediction",
      "--json",
    ]);
    expect(parsed).toEqual({
      json: true,
      request: {
        source: "model.safetensors",
        out: "folder",
        weights: "int4",
        groupSize: 128,
        loras: [
          { file: resolve("a.safetensors"), scale: 0.5 },
          { file: resolve("b.safetensors"), scale: 1 },
          { file: resolve("c:\\d.safetensors"), scale: -1 },
        ],
        predictionType: "v_prediction",
        configuration: undefined,
      },
    });
  });

  it.each([
    [[], "Which checkpoint?"],
    [["model"], "Where to? Give --out DIR."],
    [["a", "b", "--out", "c"], '"b" is one too many'],
    [["a", "--out", "c", "--weights", "int5"], '--weights is fp32, fp16, int8, int4, not "int5".'],
    [["a", "--out", "c", "--prediction-type", "x"], "--prediction-type is epsilon, v_prediction, sample"],
    [["a", "--out", "c", "--weights", "int4", "--group-size", "1"], "--group-size is a whole number from 2"],
    [["a", "--out", "c", "--group-size", "64"], "--group-size only goes with --weights int4"],
    [["a", "--out", "c", "--wieghts", "fp16"], "--wieghts"],
  ])("is wrong usage: %j", (args, message) => {
    expect(() => parseConvertCommand(args)).toThrow(message);
    expect(() => parseConvertCommand(args)).toThrow("See limner convert --help.");
  });

  it("explains itself", async () => {
    let text = "";
    const stdout = { write: (part: string) => (text += part) };
    expect(await runConvert(["--help"], { stdout, stderr: stdout })).toBe(0);
    expect(text).toContain("--lora FILE[:SCALE]");
  });

  it("says what is not there", async () => {
    const quiet = { write: () => true };
    const run = runConvert(["none.safetensors", "--out", "x"], { stdout: quiet, stderr: quiet });
    await expect(run).rejects.toThrow("none.safetensors does not exist. Check the path.");
  });
});

describe("a conversion's progress", () => {
  const report = { bytesDone: 3.5e9, bytesTotal: 7e9, secondsLeft: 95.2 };

  it("is one line on a terminal", () => {
    let text = "";
    const line = new WorkLine({ isTTY: true, write: (part: string) => (text += part) });
    line.show("convert", conversionSentence(report), 0.5);
    line.end();
    expect(text).toBe("\r\x1b[2KConverting: 50 % (3.50 of 7.00 GB, 1 min 35 s left)\r\x1b[2K");
  });

  it("is a line at every tenth elsewhere", () => {
    let text = "";
    const line = new WorkLine({ write: (part: string) => (text += part) });
    for (let done = 0; done <= 100; done += 5)
      line.show("convert", conversionSentence({ bytesDone: done * 1e7, bytesTotal: 1e9 }), done / 100);
    expect(text.split("\n").length - 1).toBe(11);
    expect(text).toContain("Converting: 30 % (0.30 of 1.00 GB)\n");
  });
});
