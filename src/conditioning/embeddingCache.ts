import { createHash } from "node:crypto";
import type { PromptChunk } from "./promptChunks.ts";

/** The embeddings of a request's prompts. */
export interface RememberedEmbeddings<Embedding> {
  positive: Embedding;
  negative?: Embedding;
}

/** What an embedding of SDXL holds, as far as its size goes. */
interface Sized {
  hiddenStates: { data: { byteLength: number } };
  pooled: { data: { byteLength: number } };
}

/** 64 MiB: fifty pairs of prompts of the usual length for a full-size SDXL. */
const defaultLimit = 64 * 2 ** 20;

function byteLength(embedding: Sized | undefined): number {
  return embedding ? embedding.hiddenStates.data.byteLength + embedding.pooled.data.byteLength : 0;
}

/** Embeddings of prompts that were encoded before, of all models; those not used for longest go first. */
export class EmbeddingCache<Embedding extends Sized = Sized> {
  readonly #limit: number;
  /** In the order of their use. */
  readonly #known = new Map<string, RememberedEmbeddings<Embedding>>();
  #bytes = 0;

  /** @param limit bytes that are kept */
  constructor(limit: number = defaultLimit) {
    this.#limit = limit;
  }

  /** Bytes of all that is kept. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): RememberedEmbeddings<Embedding> | undefined {
    const found = this.#known.get(key);
    if (!found) return undefined;
    this.#known.delete(key);
    this.#known.set(key, found);
    return found;
  }

  set(key: string, embeddings: RememberedEmbeddings<Embedding>): void {
    this.#delete(key);
    this.#known.set(key, embeddings);
    this.#bytes += this.#size(embeddings);
    for (const oldest of this.#known.keys()) {
      if (this.#bytes <= this.#limit) return;
      this.#delete(oldest);
    }
  }

  #size({ positive, negative }: RememberedEmbeddings<Embedding>): number {
    return byteLength(positive) + byteLength(negative);
  }

  #delete(key: string): void {
    const found = this.#known.get(key);
    if (!found) return;
    this.#known.delete(key);
    this.#bytes -= this.#size(found);
  }
}

/** Everything that decides what text encoders make of prompts. */
export interface EmbeddingInput {
  /** Tells the text encoders, and how they are run, from all others. */
  model: string;
  clipSkip: number;
  /** Of each encoder. */
  positive: readonly (readonly PromptChunk[])[];
  /** Of each encoder; without chunks where the negative prompt is zeros. */
  negative: readonly (readonly PromptChunk[])[];
  guidance: boolean;
}

/** A short key for an input. Tokens count and not texts: what is read alike is encoded alike. */
export function embeddingKey({ model, clipSkip, positive, negative, guidance }: EmbeddingInput): string {
  const hash = createHash("sha256").update(JSON.stringify([model, clipSkip, guidance]));
  for (const prompt of [positive, negative]) {
    const tokens = prompt.map((chunks) =>
      chunks.map(({ ids, weights, vectors }) => [ids, [...weights], [...vectors.keys()]]),
    );
    hash.update(JSON.stringify(tokens));
    for (const { vectors } of prompt.flat()) {
      for (const { buffer, byteOffset, byteLength: length } of vectors.values()) {
        hash.update(new Uint8Array(buffer, byteOffset, length));
      }
    }
  }
  return hash.digest("base64");
}
