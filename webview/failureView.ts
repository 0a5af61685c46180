import { html, nothing, type TemplateResult } from "lit";
import type { PanelFailure, RemedyCommand } from "../src/protocol/panel/panelJob.ts";
import { iconButton } from "./composer/field.ts";

/** What can be done about a failure. */
export interface FailureActions {
  remedy(command: RemedyCommand): void;
  dismissFailure(): void;
}

/** A failure's sentence with its remedy. */
export function failureView(
  failure: PanelFailure | undefined,
  { remedy, dismissFailure }: FailureActions,
): TemplateResult | typeof nothing {
  if (!failure) return nothing;
  return html`<div class="failure" role="alert">
    <span class="codicon codicon-error" aria-hidden="true"></span>
    <p>${failure.sentence} ${remedyButton(failure, remedy)}</p>
    ${iconButton("close", "Dismiss", dismissFailure)}
  </div>`;
}

/** The button that does something about a failure. */
export function remedyButton(
  { remedy }: PanelFailure,
  onRemedy: (command: RemedyCommand) => void,
): TemplateResult | typeof nothing {
  if (!remedy) return nothing;
  const { title, command } = remedy;
  return html`<button type="button" class="link" @click=${() => onRemedy(command)}>${title}</button>`;
}
