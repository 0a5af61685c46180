import { html, type TemplateResult } from "lit";
import { type ComposerActions, composerView } from "./composer/composerView.ts";
import { type GalleryActions, galleryView } from "./gallery/galleryView.ts";
import { type QueueActions, queueView } from "./queue/queueView.ts";
import type { PanelState } from "./state.ts";

/** Everything that the page can have done. */
export interface PanelActions extends ComposerActions, QueueActions, GalleryActions {}

/** The whole page. */
export function panelView(state: PanelState, actions: PanelActions): TemplateResult {
  return html`<main class="panel">
      <h1 class="visually-hidden">Limner</h1>
      ${composerView(state, actions)}
      <div class="results">${queueView(state, actions)} ${galleryView(state.gallery, actions)}</div>
    </main>
    <div class="visually-hidden" role="status" aria-live="polite">${state.announcement}</div>`;
}
