import { pipelines as convertedPipelines } from "../convert/convertedModel.ts";
import { compareUnetCall, convertedOutputs, unetCalls } from "./networkCases.ts";
import { drawAll, hashOf, noiseCases } from "./noiseCases.ts";
import {
  clipTokenizers,
  compareEmbedding,
  compareWeighted,
  embeddingCases,
  tokenCases,
  tokenIds,
  weightedCases,
} from "./promptCases.ts";
import type { Row, Section } from "./section.ts";

const networks: Section = {
  title: "Networks",
  text: "Single networks in float32 against torch: the UNet as Optimum Intel exports it, and every submodel as Limner converts it.",
  columns: ["Networks"],
  measures: ["Outputs, relative"],
  rows: [
    {
      cells: ["UNet of Optimum Intel's export, whole and fractional timesteps"],
      cases: unetCalls.map((call) => ({
        id: `unet ${call.timestep}`,
        measure: async ({ models }) => [await compareUnetCall(call, models)],
      })),
    },
    ...convertedPipelines.map(
      (pipeline): Row => ({
        cells: [`\`${pipeline}\`, converted`],
        cases: convertedOutputs(pipeline).map((output) => ({
          id: `converted ${pipeline} ${output}`,
          measure: async ({ converted }) => [(await converted(pipeline))[output] ?? Number.NaN],
        })),
      }),
    ),
  ],
};

const prompts: Section = {
  title: "Prompt embeddings",
  text: "Hidden states and pooled output of both text encoders against transformers.",
  columns: ["Prompts"],
  measures: ["Embeddings, relative"],
  rows: [
    {
      cells: ["weights and chunks"],
      cases: weightedCases.map((entry) => ({
        id: `weighted ${entry.name}`,
        measure: async ({ models }) => [await compareWeighted(entry, models)],
      })),
    },
    {
      cells: ["textual inversion"],
      cases: embeddingCases.map((entry) => ({
        id: `embedding ${entry.file} ${entry.prompt}`,
        measure: async ({ models }) => [await compareEmbedding(entry, models)],
      })),
    },
  ],
};

const exact: Section = {
  title: "Tokens and noise",
  text: "Equal, bit for bit: token ids with CLIP's whole vocabulary to transformers', normal numbers to torch's CPU generator.",
  columns: ["What"],
  measures: ["Different"],
  rows: [
    {
      cells: ["token ids of a text by both tokenizers"],
      cases: tokenCases.map((entry, at) => ({
        id: `tokens ${at}`,
        measure: async () => {
          const { ours, theirs } = tokenIds(entry, tokenizers());
          return [JSON.stringify(ours) === JSON.stringify(theirs) ? 0 : 1];
        },
      })),
    },
    {
      cells: ["draws of a generator"],
      cases: noiseCases.map((entry, at) => ({
        id: `noise ${at}`,
        measure: async () => [hashOf(drawAll(entry)) === entry.sha256 ? 0 : 1],
      })),
    },
  ],
};

let both: ReturnType<typeof clipTokenizers> | undefined;
/** Read once: the vocabulary is large. */
function tokenizers() {
  both ??= clipTokenizers();
  return both;
}

/** What pipelines are made of. */
export const networkSections: readonly Section[] = [networks, prompts, exact];
