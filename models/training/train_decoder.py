"""Sharpens the VAE's decoder on kept latents, the encoder staying as it is.

python train_decoder.py --out /path/to/work --minutes 25

Can run while the UNet trains, since latents do not change: first on pieces of pictures, then on
whole ones. The latents get a little noise, so that the decoder forgives a UNet's small errors.
Replaces `vae/`; `decoder-checkpoint.pt` lets a second run go on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL

from draw import training_set
from encode_pictures import first_seed
from parallel import default_processes, run
from training import Training, device, to_tensor

PIECE, MARGIN = 10, 1  # in latents; errors in the margin, where the rest is missing, do not count
NOISE = 0.06  # of scaled latents
PIECE_SHARE = 0.7  # of the time


def batch_of(latents, pictures, rng: np.random.Generator, size: int, whole: bool):
    """Latents `[n, 4, s, s]` and their pixels `[n, 3, 8s, 8s]`."""
    inputs, pixels = [], []
    for index in rng.integers(len(pictures), size=size):
        side = latents.shape[-1] if whole else PIECE
        y, x = rng.integers(0, latents.shape[-1] - side + 1, size=2)
        inputs.append(latents[index, :, y : y + side, x : x + side].float())
        pixels.append(pictures[index, 8 * y : 8 * (y + side), 8 * x : 8 * (x + side)])
    return torch.stack(inputs).to(device()), to_tensor(np.stack(pixels)).to(device())


def train(rank: int, processes: int, options: argparse.Namespace) -> None:
    """One process's part: its share of each batch."""
    torch.manual_seed(rank)
    rng = np.random.default_rng()
    latents = torch.load(options.out / "latents.pt")["latents"][: options.pictures]
    pictures, _ = training_set(options.pictures, first_seed(0, 0))
    vae = AutoencoderKL.from_pretrained(options.out / "vae").to(device())
    parameters = [*vae.decoder.parameters(), *vae.post_quant_conv.parameters()]
    share = options.batch // processes
    training = Training(
        vae,
        [{"params": parameters}],
        options.out / "decoder-checkpoint.pt",
        minutes=options.minutes,
        rate=options.rate,
        weight_decay=1e-4,
        rank=rank,
    )

    def loss_at(done: float) -> torch.Tensor:
        whole = done > PIECE_SHARE
        inputs, pixels = batch_of(latents, pictures, rng, share // 2 if whole else share, whole)
        noisy = (inputs + NOISE * torch.randn_like(inputs)) / vae.config.scaling_factor
        with torch.autocast(device().type, dtype=torch.bfloat16):
            difference = vae.decode(noisy).sample.float() - pixels
        if not whole:
            edge = 8 * MARGIN
            difference = difference[:, :, edge:-edge, edge:-edge]
        return difference.abs().mean() + difference.square().mean()

    training.run(loss_at, lambda: vae.save_pretrained(options.out / "vae"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=12)
    parser.add_argument("--pictures", type=int, default=4000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--processes", type=int, default=default_processes())
    options = parser.parse_args()
    run(train, options.processes, options)


if __name__ == "__main__":
    main()
