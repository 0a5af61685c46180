"""Draws test captions with a pipeline and counts what came out right.

python sample.py --pipeline /path/to/work/pipeline --count 200 --grid grid.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from check import look_at
from grammar import is_held_out, test_captions

BATCH = 40


@torch.no_grad()
def draw(pipeline, captions: list[str], steps: int, guidance: float) -> np.ndarray:
    """Pictures `[n, 128, 128, 3]` as bytes; caption k is drawn with seed k."""
    pictures = []
    pipeline.set_progress_bar_config(disable=True)
    for first in range(0, len(captions), BATCH):
        batch = captions[first : first + BATCH]
        seeds = [torch.Generator().manual_seed(first + k) for k in range(len(batch))]
        drawn = pipeline(
            batch, num_inference_steps=steps, guidance_scale=guidance, generator=seeds, output_type="np"
        ).images  # fmt: skip
        pictures.append(np.round(drawn * 255).astype(np.uint8))
    return np.concatenate(pictures)


def judge(pipeline, count: int, seed: int, grid: Path, steps: int = 20, guidance: float = 4.0) -> str:
    """Draws `count` test captions, writes them as one picture and says how many are right."""
    wanted = test_captions(count, seed)
    pictures = draw(pipeline, [text for text, _, _ in wanted], steps, guidance)
    seen = [look_at(p) for p in pictures]
    right = [s.matches(scene, named) for s, (_, scene, named) in zip(seen, wanted)]
    held = [is_held_out(scene.shape, scene.color, scene.background) for _, scene, _ in wanted]
    parts = {
        part: sum(getattr(s, part) == getattr(scene, part) for s, (_, scene, _) in zip(seen, wanted))
        for part in ("shape", "color", "background")
    }
    sized = [s.size == scene.size for s, (_, scene, named) in zip(seen, wanted) if named]
    rows = [np.concatenate(list(pictures[i : i + 10]), axis=1) for i in range(0, len(pictures) // 10 * 10, 10)]
    Image.fromarray(np.concatenate(rows)).save(grid)
    wrong = [f"{text} -> {s}" for s, (text, _, _), ok in zip(seen, wanted, right) if not ok]
    overlap = np.mean([s.overlap for s in seen])
    kept_right = sum(r for r, h in zip(right, held) if h)
    return (
        f"right {sum(right)}/{count} (held out {kept_right}/{sum(held)}), {parts}, size {sum(sized)}/{len(sized)}, "
        f"overlap {overlap:.3f}; wrong: " + "; ".join(wrong[:12])
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pipeline", type=Path, required=True, help="a diffusers folder, or an OpenVINO one")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=4.0)
    parser.add_argument("--grid", type=Path, default=Path("grid.png"))
    options = parser.parse_args()
    if (options.pipeline / "unet" / "openvino_model.xml").exists():
        from optimum.intel import OVStableDiffusionXLPipeline as Pipeline
    else:
        from diffusers import StableDiffusionXLPipeline as Pipeline
    pipeline = Pipeline.from_pretrained(options.pipeline)
    print(judge(pipeline, options.count, options.seed, options.grid, options.steps, options.guidance))


if __name__ == "__main__":
    main()
