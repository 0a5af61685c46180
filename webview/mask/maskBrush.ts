import { html, render } from "lit";
import { iconButton } from "../composer/field.ts";
import { maskHatch } from "./maskHatch.ts";
import {
  act,
  emptyHistory,
  type MaskAction,
  type MaskPoint,
  maskCanvasSize,
  paint,
  redo,
  undo,
} from "./maskHistory.ts";

/** The brush's sizes, as parts of the picture's longer side. */
const sizes = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32] as const;

/** Points that are nearer than this part of the radius add nothing to a stroke. */
const spacing = 0.15;

/**
 * A picture to paint a mask on. It fires `mask-change` with the mask as a PNG, white where it is painted, after each
 * change; with nothing where the mask is empty.
 */
export class MaskBrush extends HTMLElement {
  #source = "";
  #history = emptyHistory;
  #size = 2;
  #erases = false;
  #stroke: MaskPoint[] | undefined;
  /** Where the keyboard's brush is. */
  #cursor: MaskPoint | undefined;
  #canvas: HTMLCanvasElement | undefined;
  /** What can no longer be undone. */
  readonly #base = document.createElement("canvas");
  /** All that was done; a stroke that is not over yet comes on top. */
  readonly #painted = document.createElement("canvas");
  /** What the mask is painted with. */
  #hatch = maskHatch(1);
  #dimensions = { width: 1, height: 1, scale: 1 };
  /** A mask that was painted before a reload. */
  #initial: ImageBitmap | undefined;
  #exports = 0;

  /** The picture's address. */
  set source(url: string) {
    if (this.#source === url) return;
    this.#source = url;
    this.#history = emptyHistory;
    this.#canvas = undefined;
    this.#render();
  }

  /** Takes a mask that was painted before. */
  async load(png: Blob): Promise<void> {
    this.#initial = await createImageBitmap(png);
    this.#drawInitial();
  }

  get #radius(): number {
    const { width, height, scale } = this.#dimensions;
    return ((sizes[this.#size] ?? 0.04) * Math.max(width, height)) / scale / 2;
  }

  #render(): void {
    const { done, undone } = this.#history;
    const brush = `Brush ${this.#size + 1} of ${sizes.length}`;
    render(
      html`<div class="mask-tools" role="toolbar" aria-label="Mask">
          ${iconButton("dash", `Smaller brush ([). ${brush}`, () => this.#resize(-1), { disabled: this.#size === 0 })}
          ${iconButton("add", `Larger brush (]). ${brush}`, () => this.#resize(1), {
            disabled: this.#size === sizes.length - 1,
          })}
          <button
            type="button"
            class="icon-button"
            title="Erase (E)"
            aria-label="Erase"
            aria-pressed=${this.#erases ? "true" : "false"}
            @click=${() => this.#toggleEraser()}
          >
            <span class="codicon codicon-eraser" aria-hidden="true"></span>
          </button>
          ${iconButton("discard", "Undo (Ctrl+Z)", () => this.#undo(), { disabled: done.length === 0 })}
          ${iconButton("redo", "Redo (Ctrl+Y)", () => this.#redo(), { disabled: undone.length === 0 })}
          ${iconButton("color-mode", "Invert (I)", () => this.#act({ kind: "invert" }))}
          ${iconButton("clear-all", "Clear (C)", () => this.#act({ kind: "clear" }))}
        </div>
        <div class="mask-stage">
          <img src=${this.#source} alt="" @load=${(event: Event) => this.#begin(event.target as HTMLImageElement)} />
          <canvas
            tabindex="0"
            role="application"
            aria-label="Mask: arrow keys move the brush, Space paints, [ and ] change its size, E erases, I inverts, C clears"
            @pointerdown=${(event: PointerEvent) => this.#press(event)}
            @pointermove=${(event: PointerEvent) => this.#move(event)}
            @pointerup=${() => this.#release()}
            @pointercancel=${() => this.#release()}
            @keydown=${(event: KeyboardEvent) => this.#key(event)}
            @blur=${() => this.#showCursor(undefined)}
          ></canvas>
          <canvas class="mask-cursor" aria-hidden="true"></canvas>
        </div>
        `,
      this,
    );
  }

  /** The picture is there: the mask has its size. */
  #begin(image: HTMLImageElement): void {
    this.#dimensions = maskCanvasSize({ width: image.naturalWidth, height: image.naturalHeight });
    for (const canvas of [...this.querySelectorAll("canvas"), this.#base, this.#painted]) {
      canvas.width = this.#dimensions.width;
      canvas.height = this.#dimensions.height;
    }
    this.#hatch = maskHatch(Math.max(this.#dimensions.width, this.#dimensions.height));
    this.#canvas = this.querySelector("canvas") ?? undefined;
    this.#drawInitial();
  }

  #drawInitial(): void {
    if (!this.#initial || !this.#canvas) return;
    const { width, height } = this.#dimensions;
    const context = this.#contextOf(this.#base);
    context.drawImage(this.#initial, 0, 0, width, height);
    // White is the mask, black is clear.
    const pixels = context.getImageData(0, 0, width, height);
    for (let at = 0; at < pixels.data.length; at += 4) pixels.data[at + 3] = pixels.data[at] ?? 0;
    context.putImageData(pixels, 0, 0);
    context.globalCompositeOperation = "source-in";
    context.fillRect(0, 0, width, height);
    this.#initial = undefined;
    this.#repaint();
  }

  #contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
    const context = canvas.getContext("2d");
    if (!context) throw new Error("The browser has no canvas.");
    const hatch = context.createPattern(this.#hatch, "repeat");
    if (!hatch) throw new Error("The browser has no patterns.");
    context.fillStyle = hatch;
    context.strokeStyle = hatch;
    context.lineCap = "round";
    context.lineJoin = "round";
    return context;
  }

  /** A canvas that shows another and nothing else, to be painted on. */
  #copied(from: HTMLCanvasElement, to: HTMLCanvasElement): CanvasRenderingContext2D {
    const { width, height } = this.#dimensions;
    const context = this.#contextOf(to);
    context.globalCompositeOperation = "source-over";
    context.clearRect(0, 0, width, height);
    context.drawImage(from, 0, 0);
    return context;
  }

  /** The history has changed. */
  #repaint(): void {
    const context = this.#copied(this.#base, this.#painted);
    for (const action of this.#history.done) paint(context, action, this.#dimensions);
    this.#show();
  }

  /** Shows what was done, and the stroke that is being painted: this is called with each move of the pointer. */
  #show(): void {
    if (!this.#canvas) return;
    const context = this.#copied(this.#painted, this.#canvas);
    if (this.#stroke) paint(context, this.#strokeOf(this.#stroke), this.#dimensions);
    context.globalCompositeOperation = "source-over";
  }

  #strokeOf(points: readonly MaskPoint[]): MaskAction {
    return { kind: "stroke", points, radius: this.#radius, erases: this.#erases };
  }

  #act(action: MaskAction): void {
    const { history, settled } = act(this.#history, action);
    for (const old of settled) paint(this.#contextOf(this.#base), old, this.#dimensions);
    this.#history = history;
    this.#changed();
  }

  #undo(): void {
    this.#history = undo(this.#history);
    this.#changed();
  }

  #redo(): void {
    this.#history = redo(this.#history);
    this.#changed();
  }

  #resize(by: number): void {
    this.#size = Math.min(Math.max(this.#size + by, 0), sizes.length - 1);
    this.#render();
    this.#showCursor(this.#cursor);
  }

  #toggleEraser(): void {
    this.#erases = !this.#erases;
    this.#render();
  }

  #changed(): void {
    this.#repaint();
    this.#render();
    void this.#export();
  }

  async #export(): Promise<void> {
    const canvas = this.#canvas;
    if (!canvas) return;
    this.#exports += 1;
    const number = this.#exports;
    const { width, height } = this.#dimensions;
    const mask = document.createElement("canvas");
    mask.width = width;
    mask.height = height;
    const context = this.#contextOf(mask);
    context.drawImage(canvas, 0, 0);
    const isEmpty = !context
      .getImageData(0, 0, width, height)
      .data.some((value, at) => at % 4 === 3 && value > 0);
    context.globalCompositeOperation = "source-in";
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
    context.globalCompositeOperation = "destination-over";
    context.fillStyle = "#000";
    context.fillRect(0, 0, width, height);
    const png = await new Promise<Blob | null>((resolve) => mask.toBlob(resolve, "image/png"));
    // A later change has its own.
    if (number !== this.#exports) return;
    this.dispatchEvent(new CustomEvent("mask-change", { detail: isEmpty || !png ? undefined : png }));
  }

  #pointOf({ offsetX, offsetY }: PointerEvent): MaskPoint {
    const canvas = this.#canvas;
    if (!canvas) return { x: 0, y: 0 };
    const perPixel = this.#dimensions.width / this.#dimensions.scale / canvas.clientWidth;
    return { x: offsetX * perPixel, y: offsetY * perPixel };
  }

  #press(event: PointerEvent): void {
    if (event.button !== 0) return;
    (event.target as HTMLElement).setPointerCapture(event.pointerId);
    this.#stroke = [this.#pointOf(event)];
    this.#show();
  }

  #move(event: PointerEvent): void {
    const point = this.#pointOf(event);
    this.#showCursor(point);
    const last = this.#stroke?.at(-1);
    if (!this.#stroke || !last) return;
    if (Math.hypot(point.x - last.x, point.y - last.y) < this.#radius * spacing) return;
    this.#stroke.push(point);
    this.#show();
  }

  #release(): void {
    const points = this.#stroke;
    this.#stroke = undefined;
    if (points) this.#act(this.#strokeOf(points));
  }

  #key(event: KeyboardEvent): void {
    const action = this.#actionOf(event);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  #actionOf({ key, ctrlKey, metaKey, shiftKey }: KeyboardEvent): (() => void) | undefined {
    if (ctrlKey || metaKey) {
      if (key.toLowerCase() === "z") return () => (shiftKey ? this.#redo() : this.#undo());
      return key.toLowerCase() === "y" ? () => this.#redo() : undefined;
    }
    switch (key) {
      case "[":
        return () => this.#resize(-1);
      case "]":
        return () => this.#resize(1);
      case "e":
        return () => this.#toggleEraser();
      case "i":
        return () => this.#act({ kind: "invert" });
      case "c":
        return () => this.#act({ kind: "clear" });
      case " ":
        return () => this.#dab();
      case "ArrowLeft":
        return () => this.#step(-1, 0);
      case "ArrowRight":
        return () => this.#step(1, 0);
      case "ArrowUp":
        return () => this.#step(0, -1);
      case "ArrowDown":
        return () => this.#step(0, 1);
      default:
        return undefined;
    }
  }

  get #middle(): MaskPoint {
    const { width, height, scale } = this.#dimensions;
    return { x: width / scale / 2, y: height / scale / 2 };
  }

  #step(x: number, y: number): void {
    const { width, height, scale } = this.#dimensions;
    const from = this.#cursor ?? this.#middle;
    const within = (value: number, length: number) => Math.min(Math.max(value, 0), length / scale);
    this.#showCursor({
      x: within(from.x + x * this.#radius, width),
      y: within(from.y + y * this.#radius, height),
    });
  }

  #dab(): void {
    const point = this.#cursor ?? this.#middle;
    this.#showCursor(point);
    this.#act(this.#strokeOf([point]));
  }

  /** A ring where the brush is. */
  #showCursor(point: MaskPoint | undefined): void {
    this.#cursor = point;
    const canvas = this.querySelector<HTMLCanvasElement>(".mask-cursor");
    const context = canvas?.getContext("2d");
    if (!canvas || !context) return;
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (!point) return;
    const { scale } = this.#dimensions;
    const pixel = canvas.width / Math.max(canvas.clientWidth, 1);
    for (const [color, width] of [
      ["#000", 3],
      ["#fff", 1],
    ] as const) {
      context.strokeStyle = color;
      context.lineWidth = width * pixel;
      context.beginPath();
      context.arc(point.x * scale, point.y * scale, this.#radius * scale, 0, 2 * Math.PI);
      context.stroke();
    }
  }
}

customElements.define("limner-mask-brush", MaskBrush);
