"""Prints how far OpenVINO, in float32 and driven by Optimum Intel, is from the stored outputs of diffusers."""

import json

import numpy as np
from make_outputs import TARGET, diffusers_arguments, generators
from optimum.intel import OVStableDiffusionXLPipeline
from tiny_pipelines import ROOT

FULL_PRECISION = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0"}


def relative(actual: np.ndarray, reference: np.ndarray) -> float:
    return float(np.abs(actual - reference).max() / np.abs(reference).max())


def main() -> None:
    pipeline = OVStableDiffusionXLPipeline.from_pretrained(
        ROOT / "test/fixtures/tiny-sdxl", device="CPU", ov_config=FULL_PRECISION, add_watermarker=False
    )
    pipeline.set_progress_bar_config(disable=True)
    for run in json.loads((TARGET / "index.json").read_text(encoding="utf-8"))["runs"]:
        arguments = diffusers_arguments(run["request"])
        latents = pipeline(**arguments, generator=generators(run["request"]), output_type="latent").images
        pictures = pipeline(**arguments, generator=generators(run["request"]), output_type="np").images
        bytes_apart = np.abs((pictures * 255).round() - np.load(TARGET / run["image"])).max()
        print(f"{run['name']:30} latents {relative(np.asarray(latents), np.load(TARGET / run['latents'])):.2e}  image {bytes_apart:.0f}/255")


if __name__ == "__main__":
    main()
