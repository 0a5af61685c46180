import { describe, expect, test } from "vitest";
import { fromPanelSchema } from "../../../src/protocol/panel/fromPanel.ts";
import { toPanelSchema } from "../../../src/protocol/panel/toPanel.ts";

const bytes = new Uint8Array([1]);
const svg = { path: "a.svg", mimeType: "image/svg+xml", bytes };

describe("the extension takes from the panel", () => {
  test.each<object>([
    { kind: "ready" },
    { kind: "generate", request: { prompt: "a cat", count: 100 }, format: "png" },
    { kind: "takeSource", name: "a.png", mimeType: "image/png", bytes },
    { kind: "dismiss" },
    { kind: "remedy", command: "limner.showLog" },
    { kind: "showThumbnails", files: ["/w/a.png"] },
    { kind: "galleryAction", action: "compareWithSource", file: "C:\\w\\a.png" },
  ])("%j", (message) => {
    expect(fromPanelSchema.parse(message)).toEqual(message);
  });

  test.each<[string, unknown]>([
    ["an unknown kind", { kind: "run", command: "x" }],
    ["a field too many", { kind: "ready", more: 1 }],
    ["any other command", { kind: "remedy", command: "workbench.action.quit" }],
    ["a batch that is too large", { kind: "generate", request: { prompt: "", count: 101 }, format: "png" }],
    ["an unknown field of a request", { kind: "generate", request: { prompt: "", cnt: 1 }, format: "png" }],
    ["another format", { kind: "generate", request: { prompt: "" }, format: "exe" }],
    ["a relative path of the gallery", { kind: "galleryAction", action: "open", file: "../a.png" }],
    ["another action", { kind: "galleryAction", action: "run", file: "/w/a.png" }],
    ["thumbnails of too many", { kind: "showThumbnails", files: Array(1001).fill("/a.png") }],
    ["a relative path", { kind: "openImage", file: "a.png" }],
    ["a picture of another type", { kind: "takeSource", name: "a", mimeType: "image/svg+xml", bytes }],
    ["an empty picture", { kind: "keepMask", bytes: new Uint8Array() }],
    ["bytes that are none", { kind: "keepMask", bytes: [1, 2] }],
    ["a job's name with a slash", { kind: "cancel", job: "../x" }],
    ["a place before the first", { kind: "move", job: "a", position: -1 }],
    [
      "a prompt that is too long",
      { kind: "tokenize", field: "prompt", prompt: "x".repeat(20_001), model: "m" },
    ],
  ])("but not %s", (_name, message) => {
    expect(fromPanelSchema.safeParse(message).success).toBe(false);
  });
});

describe("the panel takes from the extension", () => {
  test("part of a request", () => {
    const message = { kind: "compose", request: { prompt: "a cat", seed: 4 }, mask: false };
    expect(toPanelSchema.parse(message)).toEqual(message);
  });

  test.each<[string, unknown]>([
    [
      "an image without a path",
      {
        ...{ kind: "gallery", isNew: true, gone: [], total: 1, isComplete: true, hasFolder: true },
        images: [{ file: "/a.png", width: 1, height: 1, bytes: 1, modified: 1, prompt: "" }],
      },
    ],
    ["a comparison with a script", { kind: "comparison", left: svg, right: svg }],
    ["progress beyond the end", { kind: "progress", job: "a", text: "x", fraction: 1.1 }],
    ["a thumbnail of another type", { kind: "thumbnail", file: "/a.png", mimeType: "text/html", data: "" }],
    [
      "a remedy of any command",
      { kind: "failure", failure: { sentence: "x", remedy: { title: "y", command: "z" } } },
    ],
  ])("but not %s", (_name, message) => {
    expect(toPanelSchema.safeParse(message).success).toBe(false);
  });
});
