import { readFileSync } from "node:fs";
import { schedulerNames } from "../../src/schedulers/catalogue.ts";
import { comparePipelineRun, type PipelineRun, pipelineRuns, type RunDifference } from "./pipelineRuns.ts";
import {
  compareRequestRun,
  conditioningRuns,
  guidanceRangeRuns,
  longPromptRuns,
  plainRuns,
  type RequestRun,
  samplerRuns,
} from "./requestRuns.ts";
import { type Case, grouped, type Section } from "./section.ts";

const runMeasures = ["Latents, relative", "Pixels, of 255"];
const asList = ({ latents, pixels }: RunDifference) => [latents, pixels];

const pipelineCase = (run: PipelineRun): Case => ({
  id: `pipeline ${run.name}`,
  measure: async ({ models }) => asList(await comparePipelineRun(run, models)),
});

const requestCase = (group: string, run: RequestRun): Case => ({
  id: `${group} ${run.name}`,
  measure: async ({ models }) => asList(await compareRequestRun(run, models)),
});

interface ListedPipeline {
  pipeline: string;
  class: string;
  compared: string[];
  leftOut: Record<string, string>;
}

/** The parameters of `__call__` of diffusers' pipelines, by Python's own listing. */
export const { pipelines: listedPipelines }: { pipelines: ListedPipeline[] } = JSON.parse(
  readFileSync("test/fixtures/pipelines/parameters.json", "utf8"),
);

/** The runs that give a parameter of a pipeline another value than its default. */
export function runsWith(pipeline: string, parameter: string): PipelineRun[] {
  return pipelineRuns.filter(({ stages, parameters }) =>
    stages.some((stage, at) => stage.pipeline === pipeline && parameters[at]?.includes(parameter)),
  );
}

const byParameter = listedPipelines.map((listed): Section => {
  const leftOut = Object.entries(listed.leftOut);
  const reasons = [...grouped(leftOut, ([, why]) => why)].map(
    ([why, names]) => `${names.map(([name]) => `\`${name}\``).join(", ")} (${why})`,
  );
  return {
    title: `Parameters of ${listed.class}`,
    text: `Whole runs in which a parameter of \`__call__\` has another value than its default. Left out: ${reasons.join("; ")}.`,
    columns: ["Parameter"],
    measures: runMeasures,
    rows: listed.compared.map((name) => ({
      cells: [`\`${name}\``],
      cases: runsWith(listed.pipeline, name).map(pipelineCase),
    })),
  };
});

const stagesOf = ({ stages }: PipelineRun) =>
  stages.map(({ model, pipeline }) => `${pipeline} (${model})`).join(", then ");

const byStages: Section = {
  title: "Models and stages",
  text: "The same runs by model: `tiny-sdxl` is a base, `tiny-refiner` a refiner, `tiny-inpaint` has nine channels.",
  columns: ["Stages"],
  measures: runMeasures,
  rows: [...grouped(pipelineRuns, stagesOf)].map(([stages, runs]) => ({
    cells: [stages],
    cases: runs.map(pipelineCase),
  })),
};

const conditioning: Section = {
  title: "Text to image by requests",
  text:
    "Runs by whole requests, as the command line makes them. diffusers has no guidance on a part of the steps and no " +
    "weights; those are compared with its own parts put together in Python.",
  columns: ["Runs"],
  measures: runMeasures,
  rows: [
    ["prompts, sizes, batches, seeds, steps, micro-conditioning", "plain", plainRuns] as const,
    ["guidance rescale, CLIP skip, four prompts", "conditioning", conditioningRuns] as const,
    ["guidance on a part of the steps", "guidance range", guidanceRangeRuns] as const,
    ["weighted prompts of several chunks", "long prompt", longPromptRuns] as const,
  ].map(([title, group, runs]) => ({ cells: [title], cases: runs.map((run) => requestCase(group, run)) })),
};

const wholeBySampler: Section = {
  title: "Samplers in whole pipelines",
  text: "Text to image, image to image, inpainting and base + refiner with each sampler.",
  columns: ["Sampler"],
  measures: runMeasures,
  rows: schedulerNames.map((name) => ({
    cells: [`\`${name}\``],
    cases: [
      ...samplerRuns
        .filter((run) => run.request.scheduler === name)
        .map((run) => requestCase("sampler", run)),
      ...pipelineRuns.filter(({ request }) => (request.scheduler ?? "euler") === name).map(pipelineCase),
    ],
  })),
};

/** Whole pipelines. */
export const pipelineSections: readonly Section[] = [...byParameter, byStages, conditioning, wholeBySampler];
