import { schedulerNameOf } from "../../src/schedulers/catalogue.ts";
import {
  acceptedKeys,
  comparePlan,
  compareWalk,
  isPlanned,
  isRefused,
  isRefusedAlike,
  isWalked,
  schedulerCases,
} from "./schedulerCases.ts";
import { grouped, type Row, type Section } from "./section.ts";

/** Options in the order of the page; the others of a class are compared too. */
const namedOptions = [
  "timestep_spacing",
  "prediction_type",
  "use_karras_sigmas",
  "use_exponential_sigmas",
  "use_beta_sigmas",
  "use_flow_sigmas",
  "use_lu_lambdas",
  "final_sigmas_type",
  "sigma_schedule",
  "interpolation_type",
  "clip_sample",
  "set_alpha_to_one",
  "skip_prk_steps",
  "algorithm_type",
  "solver_order",
  "solver_type",
  "lower_order_final",
  "original_inference_steps",
];

/** The options that a class knows and that its cases have, and the lists that it is given. */
function optionsOf(className: string, entries: typeof schedulerCases): string {
  const known = namedOptions.filter(
    (key) =>
      acceptedKeys[className]?.includes(key) && entries.some(({ config }) => config[key] !== undefined),
  );
  return [
    ...known.map((key) => `\`${key}\``),
    ...(entries.some(({ givenSigmas }) => givenSigmas) ? ["lists of sigmas"] : []),
    ...(entries.some(({ givenTimesteps }) => givenTimesteps) ? ["lists of timesteps"] : []),
    ...(entries.some(({ eta }) => eta) ? ["eta"] : []),
  ].join(", ");
}

/** Rescaled betas are compared by themselves: there torch's square roots are not correctly rounded. */
function groupOf({ class: className, config }: (typeof schedulerCases)[number]): string {
  const rescaled =
    config["rescale_betas_zero_snr"] === true && acceptedKeys[className]?.includes("rescale_betas_zero_snr");
  const sampler = schedulerNameOf({ ...config, _class_name: className });
  return `\`${sampler}\` (${className})${rescaled ? ", zero terminal SNR" : ""}`;
}

const numbered = schedulerCases.filter((entry) => !isRefused(entry));
const samplerRows = [...grouped(numbered, groupOf)].map(
  ([title, entries]): Row => ({
    cells: [title, optionsOf(entries[0]?.class ?? "", entries)],
    cases: entries.map((entry, at) => ({
      id: `sampler ${title} ${at}`,
      measure: async () => [
        isPlanned(entry) ? comparePlan(entry) : undefined,
        isWalked(entry) ? compareWalk(entry) : undefined,
      ],
    })),
  }),
);

const aloneBySampler: Section = {
  title: "Samplers alone",
  text:
    "Schedules and steps on given numbers, over the combinations of options that diffusers accepts. Sigmas are relative " +
    "each to itself (up to 3e-6; 1e-4 with zero terminal SNR), samples to the largest (up to 5e-5; 1e-3).",
  columns: ["Sampler", "Options"],
  measures: ["Sigmas, relative", "Samples, relative"],
  rows: samplerRows,
};

const refusals: Section = {
  title: "Options that diffusers refuses",
  text: "Combinations that diffusers refuses or computes infinities with, which Limner refuses by name.",
  columns: ["Sampler"],
  measures: ["Accepted"],
  rows: [...grouped(schedulerCases.filter(isRefused), (entry) => entry.class)].map(([name, entries]) => ({
    cells: [name],
    cases: entries.map((entry, at) => ({
      id: `refusal ${name} ${at}`,
      measure: async () => [isRefusedAlike(entry) ? 0 : 1],
    })),
  })),
};

/** Samplers without a model. */
export const samplerSections: readonly Section[] = [aloneBySampler, refusals];
