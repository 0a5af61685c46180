import { describe, expect, test } from "vitest";
import {
  gridLayout,
  placeOf,
  scrollTo,
  tileByKey,
  tilesInView,
} from "../../../webview/gallery/gridLayout.ts";

// Three columns of 140 pixels with 8 between them; rows of 160.
const layout = gridLayout(436, 8);

test("a grid has as many columns as tiles of 132 pixels fit, which share what is left", () => {
  expect(layout).toEqual({ columns: 3, tile: 140, tileHeight: 160, rows: 3, height: 3 * 168 - 8 });
  expect(gridLayout(131, 5)).toMatchObject({ columns: 1, tile: 131, rows: 5 });
  expect(gridLayout(271, 5).columns).toBe(1);
  expect(gridLayout(272, 5)).toMatchObject({ columns: 2, tile: 132 });
  expect(gridLayout(436, 0)).toMatchObject({ rows: 0, height: 0 });
});

test("tiles lie row by row", () => {
  expect(placeOf(layout, 0)).toEqual({ x: 0, y: 0 });
  expect(placeOf(layout, 5)).toEqual({ x: 296, y: 168 });
});

test("the tiles in view are those of whole rows, and some ahead", () => {
  const many = gridLayout(436, 3000);
  expect(tilesInView(many, 3000, 0, 300, 0)).toEqual({ from: 0, to: 6 });
  // Row 10 begins at 1680.
  expect(tilesInView(many, 3000, 1679, 300, 0)).toEqual({ from: 27, to: 36 });
  expect(tilesInView(many, 3000, 1680, 168, 0)).toEqual({ from: 30, to: 33 });
  expect(tilesInView(many, 3000, 1680, 168)).toEqual({ from: 24, to: 39 });
  expect(tilesInView(layout, 8, 400, 300)).toEqual({ from: 0, to: 8 });
  // Scrolled beyond what a filter has left.
  expect(tilesInView(layout, 8, 100_000, 300)).toEqual({ from: 8, to: 8 });
});

test("a tile is brought into view by the least scrolling", () => {
  expect(scrollTo(layout, 0, 100, 300)).toBe(0);
  expect(scrollTo(layout, 3, 100, 300)).toBe(100);
  expect(scrollTo(layout, 6, 100, 300)).toBe(336 + 160 - 300);
});

describe("keys", () => {
  // 0 1 2
  // 3 4 5
  // 6 7
  test.each<[string, number, number]>([
    ["ArrowLeft", 3, 2],
    ["ArrowLeft", 0, 0],
    ["ArrowRight", 2, 3],
    ["ArrowRight", 7, 7],
    ["ArrowUp", 7, 4],
    ["ArrowUp", 1, 1],
    ["ArrowDown", 1, 4],
    ["ArrowDown", 5, 7],
    ["ArrowDown", 6, 6],
    ["Home", 5, 3],
    ["End", 3, 5],
    ["End", 6, 7],
    ["PageDown", 0, 6],
    ["PageDown", 2, 5],
    ["PageUp", 7, 1],
  ])("%s leads from %i to %i", (key, from, to) => {
    expect(tileByKey(layout, 8, from, { key, isFar: false }, 340)).toBe(to);
  });

  test("Ctrl+Home and Ctrl+End lead to the ends, other keys nowhere", () => {
    expect(tileByKey(layout, 8, 4, { key: "Home", isFar: true }, 340)).toBe(0);
    expect(tileByKey(layout, 8, 4, { key: "End", isFar: true }, 340)).toBe(7);
    expect(tileByKey(layout, 8, 4, { key: "a", isFar: false }, 340)).toBeUndefined();
  });
});
