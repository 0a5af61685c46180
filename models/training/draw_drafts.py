"""Draws drafts: what the base makes of training captions, for the refiner to learn what it can be given.

python draw_drafts.py --base ../limner-tiny --out /path/to/work --count 1320

Writes `drafts.pt`: the captions' scenes, and latents `[n, 5, 4, 16, 16]` on their way out of the
noise: before the steps at HANDOVERS, and finished. Latents are in the scheduler's own space,
picture + sigma * noise. Goes on where it stopped.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import torch

from grammar import GRAMMAR, Scene, draw_scene, fill

STEPS, GUIDANCE = 20, 3.0  # what the base is best drawn with
HANDOVERS = (251, 201, 151, 101)  # timesteps at which the refiner may take over
BATCH = 24


def draft_scene(seed: int) -> Scene:
    """The scene that draft `seed` should show."""
    return draw_scene(random.Random(seed))


def draw_batch(pipeline, seeds: range) -> torch.Tensor:
    """Latents `[n, 5, 4, 16, 16]` of one draft a seed."""
    kept: dict[int, torch.Tensor] = {}
    timesteps: list[int] = []

    def keep(pipe, step: int, timestep, values: dict) -> dict:
        timesteps[:] = [int(t) for t in pipe.scheduler.timesteps]
        following = timesteps[step + 1] if step + 1 < len(timesteps) else 0
        if following in (*HANDOVERS, 0):
            kept[following] = values["latents"].clone()
        return values

    prompts = [fill(GRAMMAR["captions"]["test"], draft_scene(seed), True) for seed in seeds]
    pipeline(
        prompts,
        num_inference_steps=STEPS,
        guidance_scale=GUIDANCE,
        generator=[torch.Generator().manual_seed(seed) for seed in seeds],
        output_type="latent",
        callback_on_step_end=keep,
    )
    return torch.stack([kept[t] for t in (*HANDOVERS, 0)], dim=1).half()


def main() -> None:
    # Takes long to load, and other scripts read this one's constants.
    from optimum.intel import OVStableDiffusionXLPipeline

    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=1320)
    parser.add_argument("--first", type=int, default=30_000_000, help="seed of the first draft")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    target = options.out / "drafts.pt"
    saved = torch.load(target) if target.exists() else {"seeds": [], "latents": torch.empty(0, 5, 4, 16, 16)}
    seeds, latents = saved["seeds"], [saved["latents"].half()]
    pipeline = OVStableDiffusionXLPipeline.from_pretrained(options.base)
    pipeline.set_progress_bar_config(disable=True)
    for first in range(options.first + len(seeds), options.first + options.count, BATCH):
        batch = range(first, min(first + BATCH, options.first + options.count))
        latents.append(draw_batch(pipeline, batch))
        seeds.extend(batch)
        torch.save({"seeds": seeds, "latents": torch.cat(latents)}, target.with_suffix(".part"))
        target.with_suffix(".part").replace(target)
        print(len(seeds), flush=True)


if __name__ == "__main__":
    main()
