import { html, render } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import { iconButton } from "../composer/field.ts";
import type { Comparison } from "./galleryState.ts";

/** One press of an arrow key moves the divider so far, in percent. */
const step = 2;

/**
 * Two pictures over each other, with a divider between them that pointer and arrow keys move. It opens as a dialog of its
 * own and fires `compare-close` when that is closed.
 */
export class CompareSlider extends HTMLElement {
  #comparison: Comparison | undefined;
  /** How much of the left picture shows, in percent of the width. */
  #split = 50;
  /** Width to height of the left picture. */
  #ratio = 1;

  set comparison(comparison: Comparison) {
    if (this.#comparison === comparison) return;
    this.#comparison = comparison;
    this.#split = 50;
    this.#render();
  }

  connectedCallback(): void {
    this.#render();
    const dialog = this.querySelector("dialog");
    if (dialog && !dialog.open) dialog.showModal();
    this.querySelector<HTMLElement>(".compare-range")?.focus();
  }

  #render(): void {
    const comparison = this.#comparison;
    if (!comparison || !this.isConnected) return;
    const { left, right } = comparison;
    const place = { "--split": `${this.#split}%`, "--ratio": String(this.#ratio) };
    render(
      html`<dialog
        class="compare"
        aria-label="Compare ${left.path} and ${right.path}"
        @close=${() => this.dispatchEvent(new CustomEvent("compare-close"))}
      >
        <div class="compare-head">
          <span class="compare-name" title=${left.path}>${left.path}</span>
          <span class="compare-name right" title=${right.path}>${right.path}</span>
          ${iconButton("close", "Close (Escape)", () => this.querySelector("dialog")?.close())}
        </div>
        <div
          class="compare-stage"
          style=${styleMap(place)}
          @pointerdown=${(event: PointerEvent) => this.#press(event)}
          @pointermove=${(event: PointerEvent) => this.#drag(event)}
        >
          <img
            src=${left.url}
            alt="Left: ${left.path}"
            draggable="false"
            @load=${(event: Event) => this.#measure(event.target as HTMLImageElement)}
          />
          <img class="compare-over" src=${right.url} alt="Right: ${right.path}" draggable="false" />
          <span class="compare-divider" aria-hidden="true"
            ><span class="codicon codicon-arrow-both"></span
          ></span>
        </div>
        <input
          class="compare-range"
          type="range"
          min="0"
          max="100"
          step=${step}
          aria-label="How much of ${left.path} shows, in percent"
          .value=${String(this.#split)}
          @input=${(event: Event) => this.#move(Number((event.target as HTMLInputElement).value))}
        />
      </dialog>`,
      this,
    );
  }

  #measure({ naturalWidth, naturalHeight }: HTMLImageElement): void {
    this.#ratio = naturalHeight > 0 ? naturalWidth / naturalHeight : 1;
    this.#render();
  }

  #move(split: number): void {
    this.#split = Math.min(Math.max(split, 0), 100);
    this.#render();
  }

  #press(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault();
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.#moveTo(event);
  }

  #drag(event: PointerEvent): void {
    if ((event.currentTarget as HTMLElement).hasPointerCapture(event.pointerId)) this.#moveTo(event);
  }

  #moveTo({ currentTarget, clientX }: PointerEvent): void {
    const { left, width } = (currentTarget as HTMLElement).getBoundingClientRect();
    this.#move((100 * (clientX - left)) / Math.max(width, 1));
  }
}

customElements.define("limner-compare", CompareSlider);
