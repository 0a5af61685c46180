"""Stores the final latents of whole runs of the tiny pipeline, one for each sampler, as diffusers draws them in float32.

    python make_sampler_runs.py [BUILD_DIR]
"""

import sys
from pathlib import Path

import diffusers
import torch
from diffusers import StableDiffusionXLPipeline
from make_outputs import BUILD, DEFAULTS, FOX, diffusers_arguments, generators
from stored_arrays import numbers, write_index
from tiny_pipelines import ROOT

TARGET = ROOT / "test/fixtures/schedulers/runs.json"

DPM = {"algorithm_type": "sde-dpmsolver++", "solver_order": 2}

MULTISTEP, SINGLESTEP = diffusers.DPMSolverMultistepScheduler, diffusers.DPMSolverSinglestepScheduler

# The product's names: class, and what from_config changes.
SAMPLERS = {
    "euler": (diffusers.EulerDiscreteScheduler, {}),
    "euler-ancestral": (diffusers.EulerAncestralDiscreteScheduler, {}),
    "ddim": (diffusers.DDIMScheduler, {}),
    "pndm": (diffusers.PNDMScheduler, {}),
    "heun": (diffusers.HeunDiscreteScheduler, {}),
    "lms": (diffusers.LMSDiscreteScheduler, {}),
    "unipc": (diffusers.UniPCMultistepScheduler, {}),
    "lcm": (diffusers.LCMScheduler, {}),
    "tcd": (diffusers.TCDScheduler, {}),
    "edm-euler": (diffusers.EDMEulerScheduler, {}),
    "dpmpp-2m": (MULTISTEP, {"algorithm_type": "dpmsolver++", "solver_order": 2}),
    "dpmpp-2m-sde": (MULTISTEP, DPM),
    "dpmpp-3m-sde": (MULTISTEP, {**DPM, "solver_order": 3}),
    "dpmpp-sde": (SINGLESTEP, DPM),
}

# Sampler, what from_config changes beside its settings, and what the request says beside the sampler.
RUNS = [
    ("euler", {"timestep_spacing": "trailing"}, {"timestepSpacing": "trailing"}),
    ("euler", {"use_karras_sigmas": True}, {"sigmas": "karras"}),
    ("euler", {}, {"sigmasList": [14.5, 4.0, 1.0, 0.0]}),
    ("euler-ancestral", {}, {}),
    ("ddim", {}, {}),
    ("ddim", {}, {"eta": 0.6}),
    ("pndm", {}, {}),
    ("heun", {}, {}),
    ("lms", {"use_exponential_sigmas": True}, {"sigmas": "exponential"}),
    ("lms", {}, {}),
    ("unipc", {}, {}),
    ("lcm", {}, {}),
    ("tcd", {}, {"eta": 0.3}),
    ("edm-euler", {"sigma_min": 0.002, "sigma_max": 80.0}, {}),
    ("dpmpp-2m", {"use_karras_sigmas": True}, {"sigmas": "karras"}),
    ("dpmpp-2m-sde", {}, {}),
    ("dpmpp-3m-sde", {}, {}),
    ("dpmpp-sde", {}, {}),
]


def entries(pipeline: StableDiffusionXLPipeline):
    config = dict(pipeline.scheduler.config)
    for sampler, changes, asked in RUNS:
        # EDMEulerScheduler cannot read the nulls that Euler's configuration has for its sigmas.
        kept = {key: value for key, value in config.items() if value is not None}
        sampler_class, settings = SAMPLERS[sampler]
        pipeline.scheduler = sampler_class.from_config({**kept, **settings, **changes})
        request = {**DEFAULTS, "steps": 6, **asked, "scheduler": sampler}
        extra = {"eta": asked["eta"]} if "eta" in asked else {}
        if "sigmasList" in asked:
            extra["sigmas"] = asked["sigmasList"]
            del request["steps"]
        arguments = {**diffusers_arguments(request), **extra}
        latents = pipeline(**arguments, generator=generators(request), output_type="latent").images
        yield {"request": request, "latents": numbers(latents)}


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    pipeline = StableDiffusionXLPipeline.from_pretrained(folder, add_watermarker=False)
    pipeline.set_progress_bar_config(disable=True)
    with torch.no_grad():
        runs = list(entries(pipeline))
    write_index(TARGET, {"about": f"Final latents of StableDiffusionXLPipeline for {FOX!r} with each sampler.", "runs": runs})


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else BUILD)
