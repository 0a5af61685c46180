import { expect, test } from "vitest";
import {
  act,
  emptyHistory,
  longestHistory,
  type MaskAction,
  type MaskHistory,
  type MaskSurface,
  maskCanvasSize,
  paint,
  redo,
  undo,
} from "../../../webview/mask/maskHistory.ts";

const stroke = (x: number): MaskAction => ({
  kind: "stroke",
  points: [{ x, y: 1 }],
  radius: 2,
  erases: false,
});
const after = (history: MaskHistory, ...actions: readonly MaskAction[]) =>
  actions.reduce((known, action) => act(known, action).history, history);

test("what was done last is undone first, and done again", () => {
  const both = after(emptyHistory, stroke(1), { kind: "invert" });
  const once = undo(both);
  expect(once).toEqual({ done: [stroke(1)], undone: [{ kind: "invert" }] });
  expect(redo(once)).toEqual(both);
  expect(undo(undo(undo(both))).done).toEqual([]);
  expect(redo(both)).toEqual(both);
});

test("what is done after an undo ends what was undone", () => {
  const history = after(undo(after(emptyHistory, stroke(1), stroke(2))), { kind: "clear" });
  expect(history).toEqual({ done: [stroke(1), { kind: "clear" }], undone: [] });
});

test("only so much can be undone; the rest is settled", () => {
  const full = after(emptyHistory, ...Array.from({ length: longestHistory }, (_, at) => stroke(at)));
  const { history, settled } = act(full, { kind: "clear" });
  expect(settled).toEqual([stroke(0)]);
  expect(history.done).toHaveLength(longestHistory);
});

/** Notes what is painted. */
class Notes implements MaskSurface {
  readonly lines: string[] = [];
  globalCompositeOperation = "";
  lineWidth = 0;
  #note = (name: string, ...values: readonly number[]) =>
    this.lines.push([this.globalCompositeOperation, name, ...values.map((one) => Math.round(one))].join(" "));
  beginPath() {}
  fill() {}
  arc(x: number, y: number, radius: number) {
    this.#note("disc", x, y, radius);
  }
  moveTo(x: number, y: number) {
    this.#note("from", x, y, this.lineWidth);
  }
  lineTo(x: number, y: number) {
    this.#note("to", x, y);
  }
  stroke() {}
  fillRect(x: number, y: number, width: number, height: number) {
    this.#note("rectangle", x, y, width, height);
  }
  clearRect(x: number, y: number, width: number, height: number) {
    this.#note("clear", x, y, width, height);
  }
}

test("strokes, inversions and clearings are painted in the canvas's scale", () => {
  const notes = new Notes();
  const surface = { width: 50, height: 40, scale: 0.5 };
  const points = [
    { x: 10, y: 20 },
    { x: 30, y: 20 },
  ];
  paint(notes, { kind: "stroke", points, radius: 8, erases: false }, surface);
  paint(notes, { kind: "stroke", points: points.slice(0, 1), radius: 8, erases: true }, surface);
  paint(notes, { kind: "invert" }, surface);
  paint(notes, { kind: "clear" }, surface);
  expect(notes.lines).toEqual([
    "source-over disc 5 10 4",
    "source-over from 5 10 8",
    "source-over to 15 10",
    "destination-out disc 5 10 4",
    "xor rectangle 0 0 50 40",
    "xor clear 0 0 50 40",
  ]);
});

test("a canvas has the picture's size, up to a bound", () => {
  expect(maskCanvasSize({ width: 128, height: 96 })).toEqual({ width: 128, height: 96, scale: 1 });
  expect(maskCanvasSize({ width: 8192, height: 100 })).toEqual({ width: 2048, height: 25, scale: 0.25 });
});
