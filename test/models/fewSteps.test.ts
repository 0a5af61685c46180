import { describe, expect, it } from "vitest";
import { fewStepRecommendation } from "../../src/models/fewSteps.ts";

describe("a few-step model is told by its name", () => {
  it.each([
    [
      "sdxl_lightning_4step_lora.safetensors",
      { scheduler: "euler", timestepSpacing: "trailing", steps: 4, guidanceScale: 0 },
    ],
    [
      "SDXL-Lightning-2steps-openvino-int8",
      { scheduler: "euler", timestepSpacing: "trailing", steps: 2, guidanceScale: 0 },
    ],
    [
      "Hyper-SDXL-8steps-lora.safetensors",
      { scheduler: "ddim", timestepSpacing: "trailing", steps: 8, guidanceScale: 0 },
    ],
    [
      "hyper-sd-sdxl-1-step-openvino-int8",
      { scheduler: "lcm", steps: 1, timesteps: [800], guidanceScale: 0 },
    ],
    ["sdxl_lightning_1step.safetensors", { steps: 1, predictionType: "sample" }],
    [
      "sdxl-turbo",
      { scheduler: "euler-ancestral", timestepSpacing: "trailing", steps: 4, guidanceScale: 0, width: 512 },
    ],
    ["lcm-lora-sdxl", { scheduler: "lcm", steps: 4, guidanceScale: 1 }],
    ["Segmind-VegaRT", { scheduler: "lcm", steps: 4 }],
  ])("%s", (name, expected) => {
    expect(fewStepRecommendation({ names: [name] })).toMatchObject(expected);
  });

  it("or by its metadata, or by its UNet", () => {
    const metadata = new Map([["modelspec.title", "My Lightning 8 step mix"]]);
    expect(fewStepRecommendation({ names: ["mix.safetensors"], metadata })).toMatchObject({
      scheduler: "euler",
      steps: 8,
    });
    expect(fewStepRecommendation({ names: ["x"], guidanceEmbeddingWidth: 256 })).toEqual({
      scheduler: "lcm",
      steps: 4,
      guidanceScale: 8,
    });
  });

  it("a LoRA keeps the size of the model it is merged into", () => {
    expect(fewStepRecommendation({ names: ["turbo-lora"], isLora: true })).not.toHaveProperty("width");
  });

  it.each(["sdxl-base", "calcmix-xl", "Juggernaut-XL-v9", "limner-tiny", "footstep-art"])(
    "not of: %s",
    (name) => {
      expect(fewStepRecommendation({ names: [name] })).toEqual({});
    },
  );
});
