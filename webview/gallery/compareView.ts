import { html, nothing, type TemplateResult } from "lit";
import type { Comparison } from "./galleryState.ts";

/** Two images over each other, where two are compared. */
export function compareView(
  comparison: Comparison | undefined,
  close: () => void,
): TemplateResult | typeof nothing {
  if (!comparison) return nothing;
  return html`<limner-compare .comparison=${comparison} @compare-close=${() => close()}></limner-compare>`;
}
