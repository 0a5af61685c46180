import { describe, expect, test } from "vitest";
import { fillPattern, numberedName, safeSegment, slugOf } from "../../src/assets/fileName.ts";

describe("the slug of a prompt", () => {
  test.each([
    ["a red circle on a blue background", "a-red-circle-on-a-blue-background"],
    ["  Cute CAT, 4k!! ", "cute-cat-4k"],
    ["Ärger über Straße, déjà vu — Łódź", "arger-uber-strasse-deja-vu-lodz"],
    ["the king's crown", "the-kings-crown"],
    ["猫", "image"],
    ["", "image"],
    ["../../etc/passwd", "etc-passwd"],
    ["CON", "_con"],
    ["com1", "_com1"],
  ])("%j becomes %j", (prompt, slug) => {
    expect(slugOf(prompt)).toBe(slug);
  });

  test("is at most 60 characters long and ends with a whole word", () => {
    const slug = slugOf("one two three four five six seven eight nine ten eleven twelve thirteen");
    expect(slug).toBe("one-two-three-four-five-six-seven-eight-nine-ten-eleven");
    expect(slugOf("a".repeat(500))).toBe("a".repeat(60));
    expect(slugOf(`${"a".repeat(60)} b`)).toBe("a".repeat(60));
  });
});

describe("a name that every system takes", () => {
  test.each([
    ["cat.png", "cat.png"],
    ['a<b>c:d"e|f?g*h.png', "a-b-c-d-e-f-g-h.png"],
    ["dots and spaces. . ", "dots and spaces"],
    ["nul.png", "_nul.png"],
    ["LPT9", "_LPT9"],
    ["console.png", "console.png"],
    ["tab\there", "tab-here"],
    ["   ", "_"],
  ])("%j becomes %j", (name, safe) => {
    expect(safeSegment(name)).toBe(safe);
  });

  test("long names are cut before their extension, between characters", () => {
    expect(safeSegment(`${"a".repeat(300)}.png`)).toBe(`${"a".repeat(196)}.png`);
    expect(Buffer.byteLength(safeSegment(`${"猫".repeat(100)}.webp`))).toBeLessThanOrEqual(200);
    expect(safeSegment(`${"猫".repeat(100)}.webp`)).toBe(`${"猫".repeat(65)}.webp`);
  });
});

describe("a pattern", () => {
  const values = {
    prompt: "A red Circle",
    seed: 42,
    date: new Date(2026, 2, 9, 23, 59),
    model: "limner-tiny",
    index: 3,
  };

  test("names the drawing", () => {
    expect(fillPattern("assets/generated/${slug}-${seed}.png", values)).toBe(
      "assets/generated/a-red-circle-42.png",
    );
    expect(fillPattern("${date}/${model}-${index}.webp", values)).toBe("2026-03-09/limner-tiny-3.webp");
  });

  test("what it names cannot lead to another folder", () => {
    expect(fillPattern("${slug}.png", { ...values, prompt: "../../x" })).toBe("x.png");
    expect(fillPattern("${model}/${slug}.png", { ...values, model: "..\\up" })).toBe("up/a-red-circle.png");
  });

  test("either slash separates folders, and each becomes a name that every system takes", () => {
    expect(fillPattern("a\\aux/b?.png", values)).toBe("a/_aux/b-.png");
    expect(fillPattern("/abs/../x.png", values)).toBe("/abs/../x.png");
    expect(fillPattern("C:\\pictures\\x.png", values)).toBe("C:/pictures/x.png");
  });

  test("an unknown name is refused with those there are", () => {
    expect(() => fillPattern("${slug}-${sede}.png", values)).toThrow(
      "The file name pattern has ${sede}, which is not known: use ${slug}, ${seed}, ${date}, ${model} or ${index}.",
    );
    expect(() => fillPattern("${constructor}.png", values)).toThrow("which is not known");
  });
});

test("numbers go before the extension", () => {
  expect(numberedName("cat.png", 1)).toBe("cat.png");
  expect(numberedName("cat.png", 2)).toBe("cat-2.png");
  expect(numberedName("cat.v1.png", 10)).toBe("cat.v1-10.png");
  expect(numberedName(".hidden", 2)).toBe(".hidden-2");
  expect(numberedName("plain", 3)).toBe("plain-3");
});
