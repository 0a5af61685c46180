"""Teaches the base's decoder sharp outlines, for the refiner's folder: what the base drew in, the exact figure out.

python train_refiner_decoder.py --base ../limner-tiny --out /path/to/work --minutes 34

Needs `drafts.pt` and `fits.pt`. Writes `refiner-decoder.pt`, from which a second run goes on.

Where an outline lies is never quite certain, and a decoder that is only told how far each pixel is
off draws it soft to be less wrong. So it is also told how much contrast each window holds.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL

from draw import place, render
from encode_targets import encoder
from exported_weights import read_weights
from grammar import draw_scene
from parallel import default_processes, run
from training import Training, device, to_tensor

NOISE = 0.06  # of scaled latents
DRAFTED = 0.7  # of the batch: what the base drew; the others are drawn pictures
WINDOW, STRIDE = 8, 4  # in pixels
CONTRAST = 1.0  # weight of the windows' contrast beside the pixels' errors
FIRST_SCENE = 50_000_000


def decoder_of(base: Path) -> AutoencoderKL:
    """The base's decoder with its weights; the encoder is blank."""
    config = json.loads((base / "vae_decoder" / "config.json").read_text(encoding="utf-8"))
    vae = AutoencoderKL.from_config(config).eval()
    wanted = {k: v for k, v in vae.state_dict().items() if k.startswith(("decoder.", "post_quant_conv."))}
    vae.load_state_dict(read_weights(base / "vae_decoder" / "openvino_model.xml", wanted), strict=False)
    return vae


def contrast(pixels: torch.Tensor) -> torch.Tensor:
    """How much the pixels `[n, 3, h, w]` change from one to the next, window by window: the root of the mean square."""
    falling = pixels[:, :, 1:, 1:] - pixels[:, :, :-1, :-1]
    rising = pixels[:, :, 1:, :-1] - pixels[:, :, :-1, 1:]
    return (F.avg_pool2d((falling.square() + rising.square()).sum(1), WINDOW, STRIDE) + 1e-4).sqrt()


def loss_of(drawn: torch.Tensor, exact: torch.Tensor) -> torch.Tensor:
    difference = drawn - exact
    off = (contrast(drawn) - contrast(exact)).abs().mean()
    return difference.abs().mean() + difference.square().mean() + CONTRAST * off


def pairs(base: Path, out: Path, pictures: int) -> tuple[torch.Tensor, np.ndarray, int]:
    """Scaled latents and the pictures they mean: first the drafts, then drawn pictures. And how many are drafts."""
    drafts = torch.load(out / "drafts.pt")
    fits = torch.load(out / "fits.pt", weights_only=False)
    fitted = [k for k, figure in enumerate(fits) if figure is not None]
    rng = random.Random(FIRST_SCENE)
    drawn = np.stack([render(place(rng, draw_scene(rng))) for _ in range(pictures)])
    latents = torch.cat([drafts["latents"][fitted, -1].float(), encoder(base)(drawn)])
    return latents, np.concatenate([np.stack([render(fits[k]) for k in fitted]), drawn]), len(fitted)


def train(rank: int, processes: int, options: argparse.Namespace) -> None:
    """One process's part: its share of each batch."""
    torch.manual_seed(rank)
    latents, pictures, drafted = pairs(options.base, options.out, options.pictures)
    vae = decoder_of(options.base).to(device())
    parameters = [*vae.decoder.parameters(), *vae.post_quant_conv.parameters()]
    training = Training(
        vae,
        [{"params": parameters}],
        options.out / "refiner-decoder.pt",
        minutes=options.minutes,
        rate=options.rate,
        weight_decay=1e-4,
        rank=rank,
    )
    rng = np.random.default_rng([rank, training.step])
    share = options.batch // processes

    def loss_at(_: float) -> torch.Tensor:
        by_base = rng.random(share) < DRAFTED
        rows = np.where(by_base, rng.integers(drafted, size=share), rng.integers(drafted, len(latents), size=share))
        given = latents[rows].to(device())
        noisy = (given + NOISE * torch.randn_like(given)) / vae.config.scaling_factor
        with torch.autocast(device().type, dtype=torch.bfloat16):
            drawn = vae.decode(noisy).sample
        return loss_of(drawn.float(), to_tensor(pictures[rows]).to(device()))

    training.run(loss_at)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=34)
    parser.add_argument("--pictures", type=int, default=800, help="drawn pictures beside the drafts")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--processes", type=int, default=default_processes())
    options = parser.parse_args()
    run(train, options.processes, options)


if __name__ == "__main__":
    main()
