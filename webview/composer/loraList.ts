import { html, nothing, type TemplateResult } from "lit";
import type { PanelState } from "../state.ts";
import { type FieldContext, iconButton, lineInput, nameOf, select } from "./field.ts";

/** The LoRAs that are applied, each with how strongly, and a list to add one from. */
export function loraList(state: PanelState, context: FieldContext): TemplateResult | typeof nothing {
  const { form, problems, edit } = context;
  const left = (state.choices?.loras ?? []).filter((name) => form.loras.every((one) => one.name !== name));
  if (left.length === 0 && form.loras.length === 0) return nothing;
  const choices = [{ value: "", text: "Add…" }, ...left.map((name) => ({ value: name, text: name }))];
  const rows = form.loras.map(
    ({ name, scale }, index) => html`<li>
      <span class="lora-name" title=${name}>${name}</span>
      ${lineInput(
        {
          name: nameOf(`Scale of ${name}`, problems.loras),
          value: scale,
          isWrong: problems.loras !== undefined,
          className: "lora-scale",
        },
        (value) => edit({ loras: form.loras.with(index, { name, scale: value }) }),
      )}
      ${iconButton("close", `Remove ${name}`, () => edit({ loras: form.loras.filter((one) => one.name !== name) }))}
    </li>`,
  );
  return html`${select(
    context,
    "loras",
    { label: "LoRA", disabled: left.length === 0 },
    "",
    choices,
    (name) => {
      if (name !== "") edit({ loras: [...form.loras, { name, scale: "1" }] });
    },
  )}
  ${rows.length === 0 ? nothing : html`<ul class="loras" aria-label="Applied LoRAs">${rows}</ul>`}`;
}
