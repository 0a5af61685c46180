"""Trains the autoencoder on drawn pictures: first on crops around edges, then on whole pictures.

python train_vae.py --out /path/to/work --minutes 13

Writes `vae/` (diffusers) and `vae-checkpoint.pt`, from which a second run goes on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL

from draw import training_set
from parallel import default_processes, run
from training import Training, device, to_tensor

CONFIG = dict(
    in_channels=3,
    out_channels=3,
    latent_channels=4,
    block_out_channels=(16, 32, 64, 64),
    down_block_types=("DownEncoderBlock2D",) * 4,
    up_block_types=("UpDecoderBlock2D",) * 4,
    layers_per_block=1,
    # Few groups: normalizing two or four channels at a time would wash out a flat picture's color.
    norm_num_groups=2,
    sample_size=128,
    force_upcast=False,
)
CROP = 64
CROP_SHARE = 0.85  # of the time
KL_WEIGHT = 1e-4
# Latents deviate by half of one, not by one: flat pictures are so redundant that noise must be
# stronger than usual before colors are undecided, and only then are they learned from the words.
LATENT_DEVIATION = 0.5


def crop_batch(pictures: np.ndarray, rng: np.random.Generator, size: int) -> np.ndarray:
    """Random crops `[size, CROP, CROP, 3]`; of three tries each, the one with most edges."""
    crops = []
    for index in rng.integers(len(pictures), size=size):
        tries = []
        for _ in range(3):
            y, x = rng.integers(0, pictures.shape[1] - CROP + 1, size=2)
            crop = pictures[index, y : y + CROP, x : x + CROP]
            tries.append((float(np.abs(np.diff(crop[::2, ::4].astype(np.int16), axis=0)).sum()), crop))
        crops.append(max(tries, key=lambda t: t[0])[1])
    return np.stack(crops)


def loss_of(vae: AutoencoderKL, pixels: torch.Tensor) -> torch.Tensor:
    """L1 + MSE + a little KL."""
    posterior = vae.encode(pixels).latent_dist
    difference = vae.decode(posterior.sample()).sample.float() - pixels
    kl = posterior.kl().mean() / posterior.mean[0].numel()
    return difference.abs().mean() + difference.square().mean() + KL_WEIGHT * kl


@torch.no_grad()
def measure_scaling(vae: AutoencoderKL, pictures: np.ndarray) -> float:
    """The factor after which the latents deviate by LATENT_DEVIATION."""
    latents = vae.encode(to_tensor(pictures).to(vae.device)).latent_dist.mean
    print("latent mean", latents.mean((0, 2, 3)).tolist(), "std", latents.std((0, 2, 3)).tolist())
    return LATENT_DEVIATION / latents.std().item()


def train(rank: int, processes: int, options: argparse.Namespace) -> None:
    """One process's part: its share of each batch."""
    torch.manual_seed(rank)
    rng = np.random.default_rng(rank)
    pictures, _ = training_set(options.pictures // processes, seed=1_000_000 * (1 + rank))
    share = options.batch // processes
    vae = AutoencoderKL(**CONFIG).to(device()).train()
    training = Training(
        vae,
        [{"params": list(vae.parameters())}],
        options.out / "vae-checkpoint.pt",
        minutes=options.minutes,
        rate=options.rate,
        weight_decay=1e-4,
        rank=rank,
    )

    def loss_at(done: float) -> torch.Tensor:
        if done < CROP_SHARE:
            batch = crop_batch(pictures, rng, share)
        else:
            batch = pictures[rng.integers(len(pictures), size=share // 2)]
        with torch.autocast(device().type, dtype=torch.bfloat16):
            return loss_of(vae, to_tensor(batch).to(device()))

    training.run(loss_at)
    if rank == 0:
        vae.eval()
        vae.register_to_config(scaling_factor=measure_scaling(vae, pictures[:512]))
        vae.save_pretrained(options.out / "vae")
        print(f"scaling {vae.config.scaling_factor:.4f}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=18)
    parser.add_argument("--pictures", type=int, default=6000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--processes", type=int, default=default_processes())
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    run(train, options.processes, options)


if __name__ == "__main__":
    main()
