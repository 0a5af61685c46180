import { expect, test } from "vitest";
import { insertionFor, pathFromDocument, textInLine } from "../../../src/extension/insertion/insertion.ts";

const image = { path: "assets/a (1).png", alt: 'a "red" [circle]' };

test.each([
  ["markdown", String.raw`![a "red" \[circle\]](assets/a%20%281%29.png)`],
  ["html", '<img src="assets/a%20%281%29.png" alt="a &quot;red&quot; [circle]">'],
  ["css", 'url("assets/a%20%281%29.png")'],
  ["typescriptreact", 'import a1 from "./assets/a (1).png";'],
  ["asciidoc", String.raw`image::assets/a%20%281%29.png["a \"red\" [circle\]"]`],
  ["restructuredtext", '.. image:: assets/a%20%281%29.png\n   :alt: a "red" [circle]'],
  ["latex", String.raw`\includegraphics{assets/a (1).png}`],
  ["plaintext", "assets/a (1).png"],
  ["toString", "assets/a (1).png"],
])("%s names an image in its own form", (language, text) => {
  expect(insertionFor(language, image).text).toBe(text);
});

test("a block gets lines of its own, with the document's line ends", () => {
  const block = { text: "a\nb", isBlock: true };
  expect(textInLine(block, "before", "after", "\r\n")).toBe("\r\na\r\nb\r\n");
  expect(textInLine(block, "  ", "")).toBe("a\nb");
  expect(textInLine({ text: "a", isBlock: false }, "before", "after")).toBe("a");
});

test("paths are relative to the document, with slashes", () => {
  expect(pathFromDocument("/w/docs/a.md", "/w/assets/b.png", "linux")).toBe("../assets/b.png");
  expect(pathFromDocument("C:\\w\\a.md", "C:\\w\\x\\b.png", "win32")).toBe("x/b.png");
  expect(pathFromDocument("C:\\w\\a.md", "D:\\b.png", "win32")).toBe("D:/b.png");
});
