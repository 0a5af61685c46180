"""Draws with the model in the box in Optimum Intel, refines the picture there with its refiner, and says what both show.

    python verify_refiner.py [CAPTION]
"""

import sys

import numpy as np
import torch
from optimum.intel import OVStableDiffusionXLImg2ImgPipeline, OVStableDiffusionXLPipeline
from tiny_pipelines import ROOT

MODELS = ROOT / "models"
sys.path.insert(0, str(MODELS / "training"))
from check import look_at  # noqa: E402

STEPS, STRENGTH, GUIDANCE = 20, 0.3, {"limner-tiny": 3.0, "limner-tiny-refiner": 1.0}


def draw(pipeline_class, name: str, **given) -> np.ndarray:
    """The picture `[1, 128, 128, 3]` in 0..1 that a model of the box makes."""
    pipeline = pipeline_class.from_pretrained(MODELS / name, device="CPU", add_watermarker=False)
    pipeline.set_progress_bar_config(disable=True)
    chance = torch.Generator().manual_seed(1)
    given.update(num_inference_steps=STEPS, guidance_scale=GUIDANCE[name], generator=chance, output_type="np")
    return np.asarray(pipeline(**given).images)


def main() -> None:
    caption = " ".join(sys.argv[1:]) or "a large red circle on a blue background"
    drawn = draw(OVStableDiffusionXLPipeline, "limner-tiny", prompt=caption)
    refined = draw(
        OVStableDiffusionXLImg2ImgPipeline, "limner-tiny-refiner", prompt=caption, image=drawn, strength=STRENGTH
    )  # fmt: skip
    for name, picture in (("drawn", drawn), ("refined", refined)):
        print(f"{name}: {look_at(np.round(picture[0] * 255).astype(np.uint8))}")


if __name__ == "__main__":
    main()
