import { EmbeddingCache } from "../conditioning/embeddingCache.ts";
import type { PromptEmbedding } from "../conditioning/promptEmbeddings.ts";
import { Residency } from "../models/residency.ts";
import { availableMemory } from "../platform/memory.ts";
import { LimnerError } from "../protocol/limnerError.ts";

/** What the models of a process share. */
export interface Resources {
  /** Submodels in memory, within a budget. */
  readonly residency: Residency;
  /** Embeddings of prompts. */
  readonly prompts: EmbeddingCache<PromptEmbedding>;
}

/** The part of the memory that is available at the start which submodels may take. */
const share = 0.6;

/** What a budget goes by; each has a default. */
export interface ResourceOptions {
  /** Bytes that submodels may take (default: `LIMNER_MEMORY` in GB, else 60 % of the memory that is available now). */
  memory?: number;
  env?: Readonly<Record<string, string | undefined>>;
  available?(): Promise<number>;
}

/** @throws LimnerError `usage` for a number that is none */
function budgetOf(env: Readonly<Record<string, string | undefined>>): number | undefined {
  const text = env["LIMNER_MEMORY"];
  if (text === undefined || text.trim() === "") return undefined;
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value * 1e9;
  throw new LimnerError(
    "usage",
    `LIMNER_MEMORY is "${text}"; it takes the GB that models may take, such as 8.`,
  );
}

/**
 * The resources of a process that draws.
 * @throws LimnerError `usage` for a `LIMNER_MEMORY` that is no number
 */
export async function openResources({
  memory,
  env = process.env,
  available = availableMemory,
}: ResourceOptions = {}): Promise<Resources> {
  const budget = memory ?? budgetOf(env) ?? share * (await available());
  return { residency: new Residency({ budget, available }), prompts: new EmbeddingCache() };
}

/** Resources without bounds, for tests and tools that draw with one small model. */
export function unboundedResources(): Resources {
  return { residency: new Residency(), prompts: new EmbeddingCache() };
}
