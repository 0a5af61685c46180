import { type DpmAlgorithm, dpmAlgorithms, predictsClear } from "./dpmUpdate.ts";
import { type ConfigReader, SchedulerError } from "./schedulerConfig.ts";
import { flowNeedsClear, readSolverSettings, refuseCurvedFlow } from "./solverSpace.ts";

/** Settings that both of diffusers' DPM-Solver classes have, with their defaults. */
export function readDpmSettings(config: ConfigReader, algorithms: readonly DpmAlgorithm[] = dpmAlgorithms) {
  const settings = readSolverSettings(config);
  refuseCurvedFlow(settings);
  const asked = config.choice("algorithm_type", "dpmsolver++", [...algorithms, "deis"]);
  // Other classes' solvers stand for these.
  const algorithm: DpmAlgorithm = asked === "deis" ? "dpmsolver++" : asked;
  const solverType = config.choice("solver_type", "midpoint", ["midpoint", "heun", "logrho", "bh1", "bh2"]);
  if ((asked === "deis" || !predictsClear(asked)) && settings.finalSigma === "zero") {
    throw new SchedulerError(
      `The scheduler's configuration has algorithm_type ${asked}, which cannot end at sigma zero: ` +
        "set final_sigmas_type to sigma_min or algorithm_type to dpmsolver++.",
    );
  }
  if (!predictsClear(algorithm) && settings.predictionType === "flow_prediction") throw flowNeedsClear();
  return {
    ...settings,
    algorithm,
    rule: solverType === "heun" ? ("integrated" as const) : ("midpoint" as const),
    lambdaMinClipped: config.number("lambda_min_clipped", Number.NEGATIVE_INFINITY, {
      minimum: Number.NEGATIVE_INFINITY,
    }),
  };
}
