"""Encodes what the refiner trains on: exact pictures, spoiled ones, and captions.

python encode_targets.py --base ../limner-tiny --out /path/to/work --pictures 1500

Needs `drafts.pt`, `fits.pt` and `refiner/text_encoder_2`. Writes `targets.pt`: of each picture the scaled
latents and two captions as the refiner's text encoder puts them, and its draft. The base's drafts come first, on their
way out of the noise and finished; the others are drawn pictures, whose drafts are these pictures spoiled.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
import openvino as ov
import torch
from scipy.ndimage import gaussian_filter, map_coordinates
from transformers import CLIPTextModelWithProjection

from draw import SIDE, Figure, coverage, place, render
from draw_drafts import draft_scene
from grammar import caption, draw_scene
from networks import read_tokenizer
from training import to_tensor

CAPTIONS = 2
BATCH = 24


def spoil(figure: Figure, rng: np.random.Generator) -> np.ndarray:
    """The figure's picture `[SIDE, SIDE, 3]` as a base may draw it: wavy edges, round corners, uneven colors."""

    def smooth(width: float) -> np.ndarray:
        field = gaussian_filter(rng.standard_normal((SIDE, SIDE)), width, mode="wrap")
        return field / field.std()

    wave, width = rng.uniform(0, 1.6), rng.uniform(4, 9)
    at = np.mgrid[0:SIDE, 0:SIDE] + wave * np.stack([smooth(width), smooth(width)])
    cover = map_coordinates(coverage(figure.shape, figure.center, figure.extent, figure.degrees), at, order=1)
    rounding = rng.uniform(0, 2.5)
    cover = np.clip(0.5 + (1 + rng.uniform(0, 1) * rounding) * (gaussian_filter(cover, rounding) - 0.5), 0, 1)[..., None]
    stains = rng.uniform(0, 8) * smooth(10)[..., None] * rng.uniform(-1, 1, 3)
    mixed = cover * (figure.color + stains) + (1 - cover) * (figure.background + 0.3 * stains)
    return np.round(np.clip(mixed, 0, 255)).astype(np.uint8)


def encoder(base: Path):
    """Bytes `[n, SIDE, SIDE, 3]` to scaled latents `[n, 4, 16, 16]`, by the mean of the base's encoder."""
    compiled = ov.Core().compile_model(base / "vae_encoder" / "openvino_model.xml", "CPU")
    config = json.loads((base / "vae_encoder" / "config.json").read_text(encoding="utf-8"))

    def encode(pictures: np.ndarray) -> torch.Tensor:
        parts = [to_tensor(pictures[k : k + BATCH]).numpy() for k in range(0, len(pictures), BATCH)]
        means = np.concatenate([compiled(part)[0][:, :4] for part in parts])
        return torch.from_numpy(means * config["scaling_factor"])

    return encode


@torch.no_grad()
def encode_captions(base: Path, out: Path, texts: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """What the refiner's text encoder says of captions: states `[n, 77, 160]` and pooled outputs `[n, 96]`."""
    tokenizer = read_tokenizer(base / "tokenizer_2")
    encoder = CLIPTextModelWithProjection.from_pretrained(out / "refiner" / "text_encoder_2").eval()
    states, pooled = [], []
    for first in range(0, len(texts), BATCH):
        ids = [tokenizer(text, padding="max_length").input_ids for text in texts[first : first + BATCH]]
        told = encoder(torch.tensor(ids), output_hidden_states=True)
        states.append(told.hidden_states[-2].half())
        pooled.append(told.text_embeds.half())
    return torch.cat(states), torch.cat(pooled)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=1500, help="drawn pictures beside the drafts")
    options = parser.parse_args()
    drafts = torch.load(options.out / "drafts.pt")
    fits = torch.load(options.out / "fits.pt", weights_only=False)
    fitted = [k for k, figure in enumerate(fits) if figure is not None]
    rng = random.Random(1)
    drawn = [draw_scene(rng) for _ in range(options.pictures)]
    others = [place(rng, scene) for scene in drawn]
    spoiled = np.stack([spoil(figure, np.random.default_rng(k)) for k, figure in enumerate(others)])
    pictures = np.stack([render(figure) for figure in [*(fits[k] for k in fitted), *others]])
    scenes = [*(draft_scene(drafts["seeds"][k]) for k in fitted), *drawn]
    told = [[caption(rng, scene) for _ in range(CAPTIONS)] for scene in scenes]
    texts = ["", *sorted({text for row in told for text in row})]
    known = {text: k for k, text in enumerate(texts)}
    states, pooled = encode_captions(options.base, options.out, texts)
    encode = encoder(options.base)
    targets = {
        "drafts": drafts["latents"][fitted],
        "spoiled": encode(spoiled).half(),
        "exact": encode(pictures).half(),
        "captions": torch.tensor([[known[text] for text in row] for row in told]),
        "states": states,
        "pooled": pooled,
    }
    torch.save(targets, options.out / "targets.pt")
    print(len(fitted), "drafts,", len(others), "pictures,", len(texts), "captions")


if __name__ == "__main__":
    main()
