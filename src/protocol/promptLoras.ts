import type { GenerateRequest } from "./generateRequest.ts";

/** A LoRA that a request asks for: its name in the store or its file, and how strongly it acts. */
export interface RequestedLora {
  readonly name: string;
  readonly scale: number;
}

/** `<lora:name>` or `<lora:name:0.8>`, as AUTOMATIC1111's prompts have them. A second number is not heeded. */
const tag = /<lora:([^:<>]+)(?::([-+]?(?:\d+\.?\d*|\.\d+)))?(?::[^<>]*)?>/gi;

/** A prompt without its tags. */
export function withoutLoraTags(prompt: string): string;
export function withoutLoraTags(prompt: string | undefined): string | undefined;
export function withoutLoraTags(prompt: string | undefined): string | undefined {
  if (!prompt || !/<lora:/i.test(prompt)) return prompt;
  return prompt
    .replaceAll(tag, " ")
    .replaceAll(/[ \t]{2,}/g, " ")
    .trim();
}

function tagsOf(prompt: string | undefined): RequestedLora[] {
  return [...(prompt ?? "").matchAll(tag)].map(([, name = "", scale = "1"]) => ({
    name: name.trim(),
    scale: Number(scale),
  }));
}

/** The LoRAs of a request: its field's, then those that its prompts name. Equal names count once, the first. */
export function requestedLoras({ loras = [], prompt, prompt2 }: GenerateRequest): RequestedLora[] {
  const all = [
    ...loras.map(({ name, scale = 1 }) => ({ name, scale })),
    ...tagsOf(prompt),
    ...tagsOf(prompt2),
  ];
  return all.filter(
    ({ name }, index) => all.findIndex((one) => one.name.toLowerCase() === name.toLowerCase()) === index,
  );
}

/** The request with all its LoRAs as tags of the prompt, as pictures record it and tools read it back. */
export function withLoraTags(request: GenerateRequest): GenerateRequest {
  const { loras = [], prompt } = request;
  const named = new Set(tagsOf(prompt).map(({ name }) => name.toLowerCase()));
  const tags = loras
    .map(({ name, scale = 1 }) => ({
      name: name.replace(/^.*[\\/]/, "").replace(/\.safetensors$/i, ""),
      scale,
    }))
    .filter(({ name }) => !named.has(name.toLowerCase()))
    .map(({ name, scale }) => `<lora:${name}:${scale}>`);
  return tags.length === 0 ? request : { ...request, prompt: [prompt, ...tags].join(" ").trim() };
}
