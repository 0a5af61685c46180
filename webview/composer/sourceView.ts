import { html, nothing, type TemplateResult } from "lit";
import type { PanelState } from "../state.ts";
import { checkbox, type FieldContext, iconButton, textField } from "./field.ts";

/** What can be done with the picture to begin with. */
export interface SourceActions {
  pickSource(): void;
  removeSource(): void;
  setMasking(on: boolean): void;
  /** The mask as a PNG, white where it is painted; nothing where nothing is. */
  changeMask(png: Blob | undefined): void;
}

/** The picture to begin with: dropped, pasted or chosen; how much is drawn anew, and where. */
export function sourceView(state: PanelState, context: FieldContext, actions: SourceActions): TemplateResult {
  const { form, problems } = context;
  const { source } = form;
  if (!source) {
    return html`<div class="field field-source">
      <span class="label" aria-hidden="true">Picture to begin with</span>
      <div class="drop">
        <span>Drop or paste a picture, or</span>
        <button type="button" class="link" data-field="source" @click=${() => actions.pickSource()}>choose one</button>
      </div>
      ${problems.source === undefined ? nothing : html`<p class="problem">${problems.source}</p>`}
    </div>`;
  }
  const isSized = form.outputWidth !== "" || form.outputHeight !== "";
  return html`<div class="field field-source">
    <span class="label" aria-hidden="true">Picture to begin with</span>
    <div class="source-head">
      <span class="source-name" title=${source.file}>${source.name}</span>
      ${iconButton(
        "paintcan",
        state.isMasking
          ? "Draw the whole picture anew, without a mask"
          : "Paint a mask: only there is drawn anew",
        () => actions.setMasking(!state.isMasking),
        { key: "masking" },
      )}
      ${iconButton("folder-opened", "Choose another picture", () => actions.pickSource())}
      ${iconButton("close", "Begin with nothing", () => actions.removeSource())}
    </div>
    ${pictureView(state, actions)}
    <div class="row">
      ${textField(context, "strength", {
        label: "Strength (0 to 1)",
        placeholder: form.mask ? "0.9999: all of it" : "0.3",
      })}
    </div>
    <div class="checks">${checkbox(context, "keepSize", "Keep the picture's size", isSized)}</div>
  </div>`;
}

function pictureView({ sourceUrl, isMasking, form }: PanelState, actions: SourceActions) {
  if (sourceUrl === undefined) return nothing;
  if (!isMasking) return html`<img class="source" src=${sourceUrl} alt=${form.source?.name ?? ""} />`;
  return html`<limner-mask-brush
    .source=${sourceUrl}
    @mask-change=${(event: CustomEvent<Blob | undefined>) => actions.changeMask(event.detail)}
  ></limner-mask-brush>`;
}
