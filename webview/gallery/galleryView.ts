import { html, nothing, type TemplateResult } from "lit";
import type { GalleryAction, GalleryImage } from "../../src/protocol/panel/gallery.ts";
import { iconButton, lineInput } from "../composer/field.ts";
import { compareView } from "./compareView.ts";
import { type GalleryState, selectedImage } from "./galleryState.ts";
import type { GridListener } from "./imageGrid.ts";
import { countText, factsOf, nameOf } from "./imageText.ts";

/** What the gallery can have done. */
export interface GalleryActions {
  filterGallery(text: string): void;
  selectImage(file: string): void;
  actOnImage(action: GalleryAction, file: string): void;
  showThumbnails(files: readonly string[]): void;
  closeComparison(): void;
  openFolder(): void;
}

function detailButtons(state: GalleryState, { file }: GalleryImage, actions: GalleryActions) {
  const { selectedForCompare } = state;
  const button = (icon: string, label: string, action: GalleryAction) =>
    iconButton(icon, label, () => actions.actOnImage(action, file), { key: `gallery:${action}` });
  return html`<div class="details-buttons" role="group" aria-label="Actions">
    ${button("go-to-file", "Open (Enter)", "open")}
    ${button("settings", "Reuse its parameters", "reuse")}
    ${button("wand", "Begin with this image", "useAsSource")}
    ${button("insert", "Insert into the text editor", "insert")}
    ${
      selectedForCompare === undefined || selectedForCompare === file
        ? button("compare-changes", "Select for compare", "selectForCompare")
        : button("diff", "Compare with the image that is selected for it", "compareWithSelected")
    }
    ${button("history", "Compare with its source", "compareWithSource")}
    ${button("folder-opened", "Reveal in the explorer", "reveal")}
    ${button("save-as", "Save a copy as…", "saveAs")}
    ${button("trash", "Delete (Delete)", "delete")}
  </div>`;
}

function details(state: GalleryState, actions: GalleryActions): TemplateResult | typeof nothing {
  const image = selectedImage(state);
  if (!image) return nothing;
  return html`<div class="details" role="region" aria-label="Selected image">
    <p class="details-prompt" title=${image.prompt}>${image.prompt}</p>
    <p class="details-facts"><span title=${image.path}>${nameOf(image)}</span> · ${factsOf(image)}</p>
    ${detailButtons(state, image, actions)}
  </div>`;
}

/** What stands where there is nothing to show. */
function emptyText(state: GalleryState, actions: GalleryActions): TemplateResult {
  if (!state.isComplete) return html`<p class="hint">Looking for images…</p>`;
  if (state.images.length > 0) {
    return html`<p class="hint">
      No image has “${state.filter.trim()}” in its prompt, file name or model.
      <button type="button" class="link" @click=${() => actions.filterGallery("")}>Show all</button>
    </p>`;
  }
  if (!state.hasFolder) {
    return html`<p class="hint">
      Open a folder to see the images in it.
      <button type="button" class="link" @click=${() => actions.openFolder()}>Open Folder…</button>
    </p>`;
  }
  return html`<p class="hint">
    No generated images in this workspace yet. Type a prompt and choose Generate: the image appears here.
  </p>`;
}

function filterField(state: GalleryState, actions: GalleryActions): TemplateResult {
  const line = {
    name: "Filter images",
    value: state.filter,
    isWrong: false,
    placeholder: "Filter by prompt, file or model",
    className: "gallery-filter",
  };
  return lineInput(line, (text) => actions.filterGallery(text));
}

function gridOf(state: GalleryState, actions: GalleryActions): TemplateResult {
  const listener: GridListener = {
    select: (file) => actions.selectImage(file),
    open: (file) => actions.actOnImage("open", file),
    delete: (file) => actions.actOnImage("delete", file),
    view: (files) => actions.showThumbnails(files),
  };
  const { shown: images, thumbnails, selected, selectedForCompare, filter } = state;
  return html`<limner-image-grid
    .listener=${listener}
    .contents=${{ images, thumbnails, selected, selectedForCompare, filter }}
  ></limner-image-grid>`;
}

/** The generated images of the workspace. */
export function galleryView(state: GalleryState, actions: GalleryActions): TemplateResult {
  const { images, shown, total } = state;
  return html`<section class="gallery" aria-labelledby="gallery-title">
    <div class="section-head">
      <h2 id="gallery-title">Gallery</h2>
      ${images.length > 0 ? html`<span class="count">${countText(shown.length, images.length, total)}</span>` : nothing}
    </div>
    ${images.length > 0 ? filterField(state, actions) : nothing}
    ${shown.length > 0 ? gridOf(state, actions) : emptyText(state, actions)}
    ${details(state, actions)} ${compareView(state.comparison, actions.closeComparison)}
  </section>`;
}
