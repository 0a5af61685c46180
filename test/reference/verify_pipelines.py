"""Prints how far OpenVINO, in float32 and driven by Optimum Intel, is from the stored latents of make_pipeline_fixtures.py.

    python verify_pipelines.py [NAME...]
"""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from make_outputs import generators
from optimum.intel import OVStableDiffusionXLImg2ImgPipeline, OVStableDiffusionXLInpaintPipeline, OVStableDiffusionXLPipeline
from pipeline_models import FIXTURES, assemble
from pipeline_recording import SAMPLERS, call_arguments
from pipeline_runs import IMAGE, INPAINT, TEXT, stage_requests
from verify_openvino import FULL_PRECISION, relative

CLASSES = {TEXT: OVStableDiffusionXLPipeline, IMAGE: OVStableDiffusionXLImg2ImgPipeline, INPAINT: OVStableDiffusionXLInpaintPipeline}
RUNS = [
    "text-guidance-rescale",
    "image-strength-0.5",
    "image-wide",
    "image-euler-ancestral",
    "refiner-image-wide",
    "refiner-aesthetic-scores",
    "inpaint-strength-0.5",
    "inpaint9-strength-0.5",
    "inpaint9-odd-mask-wide",
    "ensemble",
    "two-stage",
]


def main(names: list[str]) -> None:
    target = FIXTURES / "pipelines"
    runs = {run["name"]: run for run in json.loads((target / "index.json").read_text(encoding="utf-8"))["runs"]}
    with tempfile.TemporaryDirectory() as folder:
        models = {name: assemble(name, Path(folder) / name) for name in ("tiny-sdxl", "tiny-refiner", "tiny-inpaint")}
        for name in names:
            latents = None
            for stage, request in zip(runs[name]["stages"], stage_requests(runs[name])):
                pipeline = CLASSES[stage["pipeline"]].from_pretrained(
                    models[stage["model"]], device="CPU", ov_config=FULL_PRECISION, add_watermarker=False
                )
                pipeline.set_progress_bar_config(disable=True)
                if "scheduler" in request:
                    pipeline.scheduler = SAMPLERS[request["scheduler"]].from_config(pipeline.scheduler.config)
                arguments = call_arguments(stage["pipeline"], request, target, latents)
                latents = torch.as_tensor(
                    pipeline(**arguments, generator=generators(request), output_type="latent").images
                )
            print(f"{name:30} {relative(latents.numpy(), np.load(target / runs[name]['latents'])):.2e}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or RUNS)
