import { describe, expect, test } from "vitest";
import { htmlReferences } from "../../../src/extension/missingImages/htmlReferences.ts";
import { fileOf } from "../../../src/extension/missingImages/imageLocation.ts";
import { markdownReferences } from "../../../src/extension/missingImages/markdownReferences.ts";
import { promptOf, sizeOf } from "../../../src/extension/missingImages/missingImage.ts";

/** Address, alt text and the source of each image. */
function inMarkdown(text: string) {
  return markdownReferences(text).map(({ address, alt, start, end }) => [
    address,
    alt,
    text.slice(start, end),
  ]);
}

describe("Markdown names images", () => {
  test("inline, with titles, angle brackets and escapes", () => {
    expect(inMarkdown('é ![a *red*\ncircle](img/a%20b.png "T") and ![b](<c d.png>)')).toEqual([
      ["img/a%20b.png", "a red\ncircle", '![a *red*\ncircle](img/a%20b.png "T")'],
      ["c d.png", "b", "![b](<c d.png>)"],
    ]);
  });

  test("by reference, wherever the definition is, in lists and links", () => {
    expect(
      inMarkdown("- [![A Fox][fox]](https://x)\n\n![fox]\n\n![none][nowhere]\n\n[fox]: fox.webp"),
    ).toEqual([
      ["fox.webp", "A Fox", "![A Fox][fox]"],
      ["fox.webp", "fox", "![fox]"],
    ]);
  });

  test("as HTML, inline and in blocks", () => {
    const block = '<p align="center">\n  <img src="a.png" alt="A &amp; B" width="64" height="32px">\n</p>';
    expect(markdownReferences(`x\n\n${block}\n\n> y <IMG SRC='b.png'>`)).toMatchObject([
      { address: "a.png", alt: "A & B", width: 64, height: 32 },
      { address: "b.png", alt: "" },
    ]);
    expect(inMarkdown(`> y <IMG SRC='b.png'>`)[0]?.[2]).toBe("<IMG SRC='b.png'>");
  });

  test("not in code and comments", () => {
    const text =
      "`![a](a.png)`\n\n```md\n![b](b.png)\n```\n\n    ![c](c.png)\n\n<!-- ![d](d.png) <img src=e.png> -->";
    expect(inMarkdown(text)).toEqual([]);
  });
});

describe("HTML names images", () => {
  test("with their size, each at its tag", () => {
    const html = `<!doctype html><body><img alt='A "star"' src=" s.png " width=100% height=20><script>"<img src=n.png>"</script>`;
    const [image, ...more] = htmlReferences(html);
    expect(more).toEqual([]);
    expect(image).toMatchObject({ address: "s.png", alt: 'A "star"', width: undefined, height: 20 });
    expect(html.slice(image?.start, image?.end)).toBe(
      `<img alt='A "star"' src=" s.png " width=100% height=20>`,
    );
  });

  test("unless a base moves them", () => {
    expect(htmlReferences(`<base href="/x/"><img src="a.png">`)).toEqual([]);
  });
});

describe("an address is a file", () => {
  const place = { document: "/w/docs/a.md", root: "/w", platform: "linux" } as const;

  test.each([
    ["b.png", "/w/docs/b.png"],
    ["../img/a%20b.png?raw=true#x", "/w/img/a b.png"],
    ["/img/b.png", "/w/img/b.png"],
    ["./b.svg", "/w/docs/b.svg"],
    ["https://x.org/a.png", undefined],
    ["//x.org/a.png", undefined],
    ["data:image/png;base64,AAAA", undefined],
    ["file:///a.png", undefined],
    ["{{ site.logo }}", undefined],
    ["${base}/a.png", undefined],
    ["%PUBLIC_URL%/a.png", undefined],
    ["<%= logo %>", undefined],
    ["@/assets/a.png", undefined],
    ["", undefined],
    ["#top", undefined],
    ["img/", undefined],
    ["a%00.png", undefined],
  ])("%s", (address, file) => {
    expect(fileOf(address, place)).toBe(file);
  });

  test("by Windows's rules there", () => {
    const windows = { document: "C:\\w\\docs\\a.md", root: "C:\\w", platform: "win32" } as const;
    expect(fileOf("../img/b.png", windows)).toBe("C:\\w\\img\\b.png");
    expect(fileOf("/img/b.png", windows)).toBe("C:\\w\\img\\b.png");
    expect(fileOf("D:\\b.png", windows)).toBeUndefined();
  });
});

test("an image is drawn from its alt text, else from its name, in the size the document gives it", () => {
  expect(promptOf({ alt: " a red\n circle ", file: "/w/x.png" })).toBe("a red circle");
  expect(promptOf({ alt: "", file: "/w/red-circle_2.png" })).toBe("red circle 2");
  expect(sizeOf({ width: 64, height: 32 })).toEqual({ width: 64, height: 32 });
  expect(sizeOf({ height: 32 })).toEqual({ width: 32, height: 32 });
  expect(sizeOf({})).toBeUndefined();
});
