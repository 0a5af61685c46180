import { type GenerateRequest, generateRequestSchema } from "../../src/protocol/generateRequest.ts";
import { maximumBatch } from "../../src/protocol/panel/fromPanel.ts";
import type { ModelFacts } from "../../src/protocol/panel/panelModel.ts";
import { problemOf } from "../../src/protocol/requestProblem.ts";
import type { Form, FormField } from "./form.ts";
import { shownFields } from "./formOfRequest.ts";

/** What is wrong, beside the field that it is about. */
export type FormProblems = Readonly<Partial<Record<FormField, string>>>;

/** What a form comes to. */
export type Composed =
  | { readonly kind: "request"; readonly request: GenerateRequest }
  | { readonly kind: "problems"; readonly problems: FormProblems };

/** A typed number; nothing where the field is empty, `NaN` where it holds something else. */
function numberOf(typed: string): number | undefined {
  const text = typed.trim().replace(",", ".");
  return text === "" ? undefined : Number(text);
}

/** Two fields that name a size: nothing where both are empty. */
function sizeOf(width: string, height: string) {
  if (width.trim() === "" && height.trim() === "") return undefined;
  return { width: numberOf(width) ?? Number.NaN, height: numberOf(height) ?? Number.NaN };
}

/** What a form's refiner adds to the request. */
function refinerOf({ refiner, refine, handoff, refineStrength }: Form) {
  if (refiner === "") return {};
  return refine === "handoff"
    ? { refiner, handoff: numberOf(handoff) }
    : { refiner, refineStrength: numberOf(refineStrength) ?? 0.3 };
}

/** What a form's pictures add to the request. */
function picturesOf({ source, strength, mask, keepSize, outputWidth, outputHeight }: Form) {
  if (!source) return {};
  return {
    images: [source.file],
    strength: numberOf(strength),
    ...(mask ? { mask: mask.file } : {}),
    ...(keepSize && !sizeOf(outputWidth, outputHeight) ? { keepSize } : {}),
  };
}

/** The request that the fields name, with numbers as they were typed. */
function rawRequest(form: Form): Record<string, unknown> {
  const { prompt, negativePrompt, model, device, scheduler, tile, loras } = form;
  return {
    ...form.more,
    prompt,
    ...(negativePrompt === "" ? {} : { negativePrompt }),
    ...(model === "" ? {} : { model }),
    ...(device === "" || device === "CPU" ? {} : { device }),
    ...(scheduler === "" ? {} : { scheduler }),
    ...(loras.length === 0
      ? {}
      : { loras: loras.map(({ name, scale }) => ({ name, scale: numberOf(scale) })) }),
    size: form.size === "model" ? undefined : sizeOf(form.width, form.height),
    outputSize: sizeOf(form.outputWidth, form.outputHeight),
    steps: numberOf(form.steps),
    guidanceScale: numberOf(form.guidanceScale),
    seed: numberOf(form.seed),
    count: numberOf(form.count),
    ...picturesOf(form),
    ...refinerOf(form),
    ...(tile === "" ? {} : { tile }),
    ...(form.transparent ? { transparent: true } : {}),
  };
}

/** Fields of a request with a control of the same name. */
const controlled = shownFields.filter(
  (name): name is Exclude<typeof name, "size" | "outputSize" | "images"> =>
    name !== "size" && name !== "outputSize" && name !== "images",
);

/** The form's field that a field of the request is filled in from. */
function fieldOf(path: readonly PropertyKey[]): FormField {
  const [field, part] = path;
  switch (field) {
    case "size":
      return part === "height" ? "height" : "width";
    case "outputSize":
      return part === "height" ? "outputHeight" : "outputWidth";
    case "images":
      return "source";
    default:
      return controlled.find((name) => name === field) ?? "more";
  }
}

/** What the schema allows and the model or the panel does not. */
function* furtherProblems(
  request: GenerateRequest,
  form: Form,
  facts: ModelFacts | undefined,
): Generator<readonly [FormField, string]> {
  const { size, count = 1 } = request;
  if (count > maximumBatch) yield ["count", `the largest that is possible is ${maximumBatch}`];
  const multiple = facts?.sizeMultiple ?? 1;
  if (size && size.width % multiple !== 0) yield ["width", `it takes a multiple of ${multiple}`];
  if (size && size.height % multiple !== 0) yield ["height", `it takes a multiple of ${multiple}`];
  if (facts?.role === "refiner" && !request.images)
    yield ["source", "a refiner needs a picture to begin with"];
  if (request.transparent && form.format === "jpg") {
    yield ["format", "JPEG has no clear parts: choose PNG, WebP or AVIF"];
  }
}

/** Reads a form: the request, or what is wrong with it by field. */
export function requestOfForm(form: Form, facts: ModelFacts | undefined): Composed {
  const parsed = generateRequestSchema.safeParse(rawRequest(form));
  const problems: Partial<Record<FormField, string>> = {};
  const add = (field: FormField, sentence: string) => {
    problems[field] ??= sentence;
  };
  if (!parsed.success) {
    for (const issue of parsed.error.issues) add(fieldOf(issue.path), problemOf(issue));
    return { kind: "problems", problems };
  }
  for (const [field, sentence] of furtherProblems(parsed.data, form, facts)) add(field, sentence);
  if (Object.keys(problems).length > 0) return { kind: "problems", problems };
  // What is absent is left out of the message too.
  const named = Object.entries(parsed.data).filter(([, value]) => value !== undefined);
  return { kind: "request", request: Object.fromEntries(named) as GenerateRequest };
}
