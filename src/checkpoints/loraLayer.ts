import type { TensorSource } from "./tensorSource.ts";

/** The parts of one module's change in a LoRA file, under the names that all spellings are brought to. */
export type LoraPart =
  | "down"
  | "up"
  | "alpha"
  | "doraScale"
  | "hadaW1A"
  | "hadaW1B"
  | "hadaW2A"
  | "hadaW2B"
  | "lokrW1"
  | "lokrW1A"
  | "lokrW1B"
  | "lokrW2"
  | "lokrW2A"
  | "lokrW2B";

/** One module's change as a file holds it; `module` is the file's own name of the module. */
export interface LoraLayer {
  readonly module: string;
  readonly parts: Partial<Record<LoraPart, TensorSource>>;
}

const weightParts: readonly (readonly [suffix: RegExp, part: LoraPart])[] = [
  [/\.lora_down\.weight$/, "down"],
  [/\.lora_up\.weight$/, "up"],
  [/\.lora_A(\.[\w-]+)?\.weight$/, "down"],
  [/\.lora_B(\.[\w-]+)?\.weight$/, "up"],
  [/\.lora_linear_layer\.down\.weight$/, "down"],
  [/\.lora_linear_layer\.up\.weight$/, "up"],
  [/[._]lora\.down\.weight$/, "down"],
  [/[._]lora\.up\.weight$/, "up"],
  [/\.alpha$/, "alpha"],
  [/\.dora_scale$/, "doraScale"],
  [/\.lora_magnitude_vector(\.[\w-]+)?$/, "doraScale"],
  [/\.hada_w1_a$/, "hadaW1A"],
  [/\.hada_w1_b$/, "hadaW1B"],
  [/\.hada_w2_a$/, "hadaW2A"],
  [/\.hada_w2_b$/, "hadaW2B"],
  [/\.lokr_w1$/, "lokrW1"],
  [/\.lokr_w1_a$/, "lokrW1A"],
  [/\.lokr_w1_b$/, "lokrW1B"],
  [/\.lokr_w2$/, "lokrW2"],
  [/\.lokr_w2_a$/, "lokrW2A"],
  [/\.lokr_w2_b$/, "lokrW2B"],
];

const refusedParts: readonly (readonly [suffix: RegExp, what: string])[] = [
  [/\.lora_mid\.weight$|\.hada_t[12]$|\.lokr_t2$/, "a Tucker (CP) decomposition"],
  [/\.oft_(blocks|diag|r)(\.|$)|\.oft_R\./, "OFT or BOFT"],
  [/\.[ab][12]\.weight$/, "GLoRA"],
  [/\.on_input$|\.ia3_l/, "IA³"],
  [/\.diff(_b)?$|\.[wb]_norm$/, "full weight differences"],
  [/\.lora_bias(\.|$)|\.lora_B(\.[\w-]+)?\.bias$/, "LoRA with biases"],
  [/\.lora_embedding_[AB]/, "LoRA of embeddings"],
];

/** What a tensor of a LoRA file is: a part of a module's change, of a kind that is refused, or nothing known. */
export type TensorMeaning =
  | { readonly kind: "part"; readonly module: string; readonly part: LoraPart }
  | { readonly kind: "refused"; readonly what: string }
  | { readonly kind: "unknown" };

/** Reads the meaning of a tensor of a LoRA file from its name. */
export function meaningOf(name: string): TensorMeaning {
  for (const [suffix, part] of weightParts) {
    const match = suffix.exec(name);
    if (match) return { kind: "part", module: name.slice(0, match.index), part };
  }
  for (const [suffix, what] of refusedParts) if (suffix.test(name)) return { kind: "refused", what };
  return { kind: "unknown" };
}
