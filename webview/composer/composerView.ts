import { html, nothing, type TemplateResult } from "lit";
import type { ModelFacts } from "../../src/protocol/panel/panelModel.ts";
import type { PromptField } from "../../src/protocol/panel/promptField.ts";
import { imageFormatSchema } from "../../src/protocol/panel/toPanel.ts";
import { failureView } from "../failureView.ts";
import type { PanelState } from "../state.ts";
import type { Choice } from "./choice.ts";
import { checkbox, type FieldContext, iconButton, select, textArea, textField } from "./field.ts";
import type { Form } from "./form.ts";
import { loraList } from "./loraList.ts";
import { randomSeed } from "./seeds.ts";
import { chosenSize, sizeChange, sizeChoices } from "./sizes.ts";
import { type SourceActions, sourceView } from "./sourceView.ts";

/** What the composer can have done. */
export interface ComposerActions extends SourceActions {
  edit(change: Partial<Form>): void;
  generate(): void;
  remedy(command: NonNullable<NonNullable<PanelState["failure"]>["remedy"]>["command"]): void;
  dismissFailure(): void;
}

/** What of a prompt the model reads, beside it. */
function tokenCount(state: PanelState, field: PromptField): unknown {
  const count = state.tokens[field];
  if (!count || count.prompt !== state.form[field] || count.tokens === 0) return nothing;
  const { tokens, limit, chunks } = count;
  const pieces = chunks > 1 ? `, read in ${chunks} pieces` : "";
  return html`<span class="tokens" title="What the model's text encoder reads at once: ${limit} tokens">
    ${tokens} of ${limit} tokens${pieces}
  </span>`;
}

function prompts(state: PanelState, context: FieldContext): TemplateResult {
  const own = { label: "Prompt", placeholder: "What to draw", after: tokenCount(state, "prompt") };
  const negative = {
    label: "Negative prompt",
    placeholder: "What to keep away from",
    after: tokenCount(state, "negativePrompt"),
  };
  return html`${textArea(context, "prompt", own, 4)}${textArea(context, "negativePrompt", negative, 2)}`;
}

function modelChoices({ choices }: PanelState, roles: readonly string[]): Choice[] {
  return (choices?.models ?? [])
    .filter(({ role }) => roles.includes(role))
    .map(({ name, description }) => ({ value: name, text: name, description }));
}

function modelFields(state: PanelState, context: FieldContext): TemplateResult {
  const { form, edit } = context;
  // A refiner draws from pictures only, an inpainting model from a picture and its mask.
  const roles = ["base", ...(form.source ? ["inpainting", "refiner"] : [])];
  const known = modelChoices(state, roles);
  const own = { value: form.model, text: form.model };
  const models = known.some(({ value }) => value === form.model) ? known : [own, ...known];
  const devices = (state.choices?.devices ?? []).map(({ name, fullName }) => ({
    value: name,
    text: name,
    description: fullName,
  }));
  const deviceChoices = [...devices, { value: "AUTO", text: "AUTO", description: "OpenVINO chooses." }];
  const isListed = deviceChoices.some(({ value }) => value === form.device);
  const allDevices = isListed ? deviceChoices : [{ value: form.device, text: form.device }, ...deviceChoices];
  return html`<div class="row">
    ${select(context, "model", { label: "Model" }, form.model, models, (model) => edit({ model, scheduler: "" }))}
    ${select(context, "device", { label: "Device" }, form.device, allDevices, (device) => edit({ device }))}
  </div>`;
}

function samplerChoices(facts: ModelFacts | undefined): Choice[] {
  const label = facts?.samplers.find(({ name }) => name === facts.sampler)?.label;
  return [
    { value: "", text: label ? `Model's own (${label})` : "Model's own" },
    ...(facts?.samplers ?? []).map(({ name, label }) => ({ value: name, text: label })),
  ];
}

function stepFields(context: FieldContext, facts: ModelFacts | undefined): TemplateResult {
  const { form, edit } = context;
  const recommended = (value: number | undefined) => (value === undefined ? "" : `${value} (model's own)`);
  return html`<div class="row">
      ${select(
        context,
        "scheduler",
        { label: "Sampler" },
        form.scheduler,
        samplerChoices(facts),
        (scheduler) => edit({ scheduler }),
      )}
    </div>
    <div class="row">
      ${textField(context, "steps", { label: "Steps", placeholder: recommended(facts?.steps) })}
      ${textField(context, "guidanceScale", {
        label: "Guidance",
        placeholder: recommended(facts?.guidanceScale),
      })}
    </div>`;
}

function sizeFields(context: FieldContext, facts: ModelFacts | undefined): TemplateResult {
  const { form, edit } = context;
  const chosen = chosenSize(form, facts);
  const free =
    chosen === "free"
      ? html`${textField(context, "width", { label: "Width" })}${textField(context, "height", { label: "Height" })}`
      : nothing;
  return html`<div class="row">
      ${select(context, "size", { label: "Size" }, chosen, sizeChoices(facts), (value) =>
        edit(sizeChange(value, form, facts)),
      )}${free}
    </div>
    <div class="row">
      ${textField(context, "outputWidth", { label: "Output width", placeholder: "as drawn" })}
      ${textField(context, "outputHeight", { label: "Output height", placeholder: "as drawn" })}
    </div>`;
}

function batchFields(context: FieldContext): TemplateResult {
  const { form, edit } = context;
  const lock = form.seedLocked
    ? iconButton("lock", "Seed is locked: each batch begins with it. Unlock", () =>
        edit({ seedLocked: false }),
      )
    : iconButton("unlock", "Seed changes with each batch. Lock", () =>
        edit({ seedLocked: true, seed: form.seed || randomSeed() }),
      );
  const dice = iconButton("refresh", "Another random seed", () =>
    edit({ seed: randomSeed(), seedLocked: true }),
  );
  return html`<div class="row">
    ${textField(context, "seed", {
      label: "Seed",
      placeholder: "random",
      after: html`${lock}${dice}`,
    })}
    ${textField(context, "count", { label: "Images", placeholder: "1" })}
  </div>`;
}

function refinerFields(state: PanelState, context: FieldContext): TemplateResult | typeof nothing {
  const { form, edit } = context;
  const refiners = modelChoices(state, ["refiner"]);
  if (refiners.length === 0 && form.refiner === "") return nothing;
  const isListed = form.refiner === "" || refiners.some(({ value }) => value === form.refiner);
  const listed = isListed ? refiners : [{ value: form.refiner, text: form.refiner }, ...refiners];
  const choices = [{ value: "", text: "None" }, ...listed];
  const how: Choice[] = [
    { value: "handoff", text: "Takes over", description: "It draws the last of the steps." },
    { value: "strength", text: "Redraws", description: "It draws the finished image anew, a little." },
  ];
  const more = html`${select(context, "refine", { label: "How" }, form.refine, how, (refine) =>
    edit({ refine: refine === "strength" ? "strength" : "handoff" }),
  )}${
    form.refine === "handoff"
      ? textField(context, "handoff", { label: "After (0 to 1)", placeholder: "0.8" })
      : textField(context, "refineStrength", { label: "Strength (0 to 1)", placeholder: "0.3" })
  }`;
  return html`<div class="row">
    ${select(context, "refiner", { label: "Refiner" }, form.refiner, choices, (refiner) => edit({ refiner }))}
    ${form.refiner === "" ? nothing : more}
  </div>`;
}

const tiles: readonly Choice[] = [
  { value: "", text: "No" },
  { value: "xy", text: "On all sides" },
  { value: "x", text: "Left and right" },
  { value: "y", text: "Top and bottom" },
];

function resultFields(state: PanelState, context: FieldContext): TemplateResult {
  const { form, edit } = context;
  const format = form.format ?? state.choices?.format ?? "png";
  const formats = imageFormatSchema.options.map((value) => ({
    value,
    text: { png: "PNG", jpg: "JPEG", webp: "WebP", avif: "AVIF" }[value],
  }));
  return html`<div class="row">
      ${select(context, "tile", { label: "Seamless tile" }, form.tile, tiles, (tile) =>
        edit({ tile: tile === "x" || tile === "y" || tile === "xy" ? tile : "" }),
      )}
      ${select(context, "format", { label: "Format" }, format, formats, (value) =>
        edit({ format: imageFormatSchema.parse(value) }),
      )}
    </div>
    <div class="checks">${checkbox(context, "transparent", "Transparent background", format === "jpg")}</div>`;
}

/** What a reused request asks for that has no field. */
function moreFields({ form, problems, edit }: FieldContext): TemplateResult | typeof nothing {
  const names = Object.keys(form.more);
  if (names.length === 0) return nothing;
  const values = names.map((name) => `${name} ${JSON.stringify(form.more[name as keyof Form["more"]])}`);
  return html`<div class="more">
    <span>Also: ${values.join(", ")}</span>
    ${iconButton("close", "Leave these out", () => edit({ more: {} }))}
    ${problems.more === undefined ? nothing : html`<p class="problem">${problems.more}</p>`}
  </div>`;
}

/** The form that a drawing is composed in. */
export function composerView(state: PanelState, actions: ComposerActions): TemplateResult {
  const { form, problems } = state;
  const context: FieldContext = { form, problems, edit: actions.edit };
  const facts = state.facts[form.model];
  return html`<form
    class="composer"
    aria-label="Composer"
    @submit=${(event: Event) => {
      event.preventDefault();
      actions.generate();
    }}
  >
    <div class="fields">
      ${prompts(state, context)} ${modelFields(state, context)} ${loraList(state, context)}
      ${sourceView(state, context, actions)} ${sizeFields(context, facts)} ${stepFields(context, facts)}
      ${batchFields(context)} ${refinerFields(state, context)} ${resultFields(state, context)}
      ${moreFields(context)}
    </div>
    <div class="generate">
      ${failureView(state.failure, actions)}
      <vscode-button
        class="generate-button"
        block
        title="Ctrl+Enter"
        ?disabled=${state.choices === undefined && state.failure === undefined}
        @click=${() => actions.generate()}
        >Generate</vscode-button
      >
    </div>
  </form>`;
}
