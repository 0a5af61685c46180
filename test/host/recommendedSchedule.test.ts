import { describe, expect, it } from "vitest";
import { recommendedSchedule } from "../../src/host/recommendedSchedule.ts";
import { fewStepRecommendation } from "../../src/models/fewSteps.ts";
import { planSteps, type StageParameters } from "../../src/pipelines/stage.ts";
import type { GenerateRequest } from "../../src/protocol/generateRequest.ts";
import { createScheduler } from "../../src/schedulers/catalogue.ts";

const oneStep = fewStepRecommendation({ names: ["Hyper-SDXL-1step-lora.safetensors"] });

/** The timesteps that the sampler visits. */
function visited(request: Partial<GenerateRequest>): readonly number[] {
  const schedule = recommendedSchedule({ prompt: "", ...request }, oneStep);
  const parameters = { steps: request.steps ?? oneStep.steps ?? 50, ...schedule } as StageParameters;
  const scheduler = createScheduler({}, schedule.scheduler, schedule.schedulerOverrides);
  planSteps(scheduler, parameters);
  return scheduler.timesteps;
}

describe("Hyper-SD's model of one step", () => {
  it("starts at timestep 800, as its card says", () => {
    expect(visited({})).toEqual([800]);
    expect(visited({ steps: 1, scheduler: "lcm" })).toEqual([800]);
  });

  it("is run as any other with another number of steps or another sampler", () => {
    expect(visited({ steps: 2 })).toHaveLength(2);
    expect(visited({ scheduler: "euler", steps: 1 })).not.toEqual([800]);
  });
});
