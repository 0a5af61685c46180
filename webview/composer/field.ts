import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { Choice } from "./choice.ts";
import type { Form, FormField } from "./form.ts";
import type { FormProblems } from "./requestOfForm.ts";

/** What the composer's fields are made with. */
export interface FieldContext {
  readonly form: Form;
  readonly problems: FormProblems;
  edit(change: Partial<Form>): void;
}

/** The fields of the form that hold text. */
type TextField = {
  [Name in FormField]-?: Form[Name] extends string ? Name : never;
}[FormField];

/** A field as it is drawn: its label above it, what is wrong below. */
export interface FieldOptions {
  readonly label: string;
  /** Shown in an empty field: what it then means. */
  readonly placeholder?: string;
  readonly disabled?: boolean;
  /** Behind the control: buttons. */
  readonly after?: unknown;
}

/** What a screen reader calls a control: the problem belongs to it, whose text is in another tree. */
export function nameOf(label: string, problem: string | undefined): string {
  return problem === undefined ? label : `${label}: ${problem}`;
}

/** A control with its label and what is wrong with it. */
export function labelled(
  field: FormField,
  label: string,
  problem: string | undefined,
  control: unknown,
): TemplateResult {
  return html`<div class="field field-${field}">
    <span class="label" aria-hidden="true">${label}</span>
    <div class="control">${control}</div>
    ${problem === undefined ? nothing : html`<p class="problem">${sentence(problem)}</p>`}
  </div>`;
}

/** What is wrong, as a sentence. */
function sentence(problem: string): string {
  return `${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`;
}

function inputValue(event: Event): string {
  return (event.target as HTMLInputElement).value;
}

/** What a line of text is drawn of. */
export interface LineOptions {
  /** What a screen reader calls it. */
  readonly name: string;
  readonly value: string;
  readonly isWrong: boolean;
  readonly placeholder?: string;
  readonly disabled?: boolean;
  readonly className?: string;
  /** By which the page finds it. */
  readonly field?: FormField;
}

/** A line of text by itself. Its name is a property: as an attribute, the element would not heed it. */
export function lineInput(
  { name, value, isWrong, placeholder = "", disabled = false, className, field }: LineOptions,
  onInput: (value: string) => void,
): TemplateResult {
  return html`<vscode-textfield
    class=${className ?? nothing}
    data-field=${field ?? nothing}
    .label=${name}
    placeholder=${placeholder}
    .value=${live(value)}
    ?invalid=${isWrong}
    ?disabled=${disabled}
    @input=${(event: Event) => onInput(inputValue(event))}
  ></vscode-textfield>`;
}

/** A line of text or a number. */
export function textField(
  { form, problems, edit }: FieldContext,
  field: TextField,
  { label, placeholder, disabled, after = nothing }: FieldOptions,
): TemplateResult {
  const problem = problems[field];
  const name = nameOf(label, problem);
  const isWrong = problem !== undefined;
  const line = { name, value: form[field], isWrong, placeholder, disabled, field };
  const control = html`${lineInput(line, (value) => edit({ [field]: value }))}${after}`;
  return labelled(field, label, problem, control);
}

/** A text of several lines. */
export function textArea(
  { form, problems, edit }: FieldContext,
  field: TextField,
  { label, placeholder = "", after = nothing }: FieldOptions,
  rows: number,
): TemplateResult {
  const problem = problems[field];
  const control = html`<vscode-textarea
      data-field=${field}
      .label=${nameOf(label, problem)}
      placeholder=${placeholder}
      rows=${rows}
      resize="vertical"
      .value=${live(form[field])}
      ?invalid=${problem !== undefined}
      @input=${(event: Event) => edit({ [field]: inputValue(event) })}
    ></vscode-textarea>${after}`;
  return labelled(field, label, problem, control);
}

/** A list to choose one from. */
export function select(
  { problems }: Pick<FieldContext, "problems">,
  field: FormField,
  { label, disabled = false, after = nothing }: FieldOptions,
  value: string,
  choices: readonly Choice[],
  onChange: (value: string) => void,
): TemplateResult {
  const problem = problems[field];
  const control = html`<vscode-single-select
      data-field=${field}
      label=${nameOf(label, problem)}
      ?invalid=${problem !== undefined}
      ?disabled=${disabled}
      .value=${live(value)}
      @change=${(event: Event) => onChange(inputValue(event))}
      >${choices.map(
        (choice) =>
          html`<vscode-option
            value=${choice.value}
            description=${choice.description ?? ""}
            ?selected=${choice.value === value}
            >${choice.text}</vscode-option
          >`,
      )}</vscode-single-select
    >${after}`;
  return labelled(field, label, problem, control);
}

/** Something that is on or off. */
export function checkbox(
  { form, edit }: FieldContext,
  field: "keepSize" | "transparent",
  label: string,
  disabled = false,
): TemplateResult {
  return html`<vscode-checkbox
    data-field=${field}
    label=${label}
    .checked=${live(form[field])}
    ?disabled=${disabled}
    @change=${(event: Event) => edit({ [field]: (event.target as HTMLInputElement).checked })}
  ></vscode-checkbox>`;
}

/** A small button with an icon. */
export function iconButton(
  icon: string,
  label: string,
  onClick: () => void,
  { disabled = false, key = "" }: { readonly disabled?: boolean; readonly key?: string } = {},
): TemplateResult {
  return html`<button
    type="button"
    class="icon-button"
    title=${label}
    aria-label=${label}
    data-key=${key}
    ?disabled=${disabled}
    @click=${onClick}
  >
    <span class="codicon codicon-${icon}" aria-hidden="true"></span>
  </button>`;
}
