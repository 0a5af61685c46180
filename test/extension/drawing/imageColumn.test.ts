import { expect, test, vi } from "vitest";
import type { EditorColumn } from "../../../src/extension/drawing/imageColumn.ts";

const beside = -2;
vi.mock("vscode", () => ({ ViewColumn: { Beside: -2 } }));
const { columnOf } = await import("../../../src/extension/drawing/imageColumn.ts");

const column = (viewColumn: number, what: "text" | "image" | "empty", isActive = false): EditorColumn => ({
  viewColumn,
  isActive,
  isEmpty: what === "empty",
  showsImage: what === "image",
});

test.each<[string, readonly EditorColumn[], number]>([
  ["the empty active column", [column(1, "empty", true)], 1],
  ["beside a text", [column(1, "text", true)], beside],
  ["beside the image that is worked on", [column(1, "image", true)], beside],
  ["where the last image is, beside a text", [column(1, "text", true), column(2, "image")], 2],
  ["where the last image is, beside its source", [column(1, "image", true), column(2, "image")], 2],
  ["not over another text", [column(1, "text", true), column(2, "text")], beside],
  [
    "after the active column rather than before",
    [column(1, "image"), column(2, "text", true), column(3, "image")],
    3,
  ],
  ["before the active column where none is after it", [column(1, "image"), column(2, "text", true)], 1],
])("an image is shown %s", (_where, columns, expected) => {
  expect(columnOf(columns)).toBe(expected);
});
