"""Draws pictures and keeps their latents, so that diffusion training need not see pixels.

python encode_pictures.py --out /path/to/work --pictures 24000

Writes `latents.pt`: scaled latents `[n, 4, 16, 16]` in half precision, and each picture's scene.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from diffusers import AutoencoderKL

from draw import training_set
from parallel import default_processes, run
from training import device, to_tensor

BATCH = 50


def first_seed(rank: int, count: int) -> int:
    """The seed of the first of a process's `count` pictures; the next have the next seeds."""
    return 10_000_000 + rank * count


@torch.no_grad()
def encode(rank: int, processes: int, options: argparse.Namespace) -> None:
    """One process's part of the pictures, written to a file of its own."""
    vae = AutoencoderKL.from_pretrained(options.out / "vae").to(device()).eval()
    count = options.pictures // processes
    first = first_seed(rank, count)
    latents, rows = [], []
    for seed in range(first, first + count, BATCH):
        pictures, scenes = training_set(min(BATCH, first + count - seed), seed)
        with torch.autocast(device().type, dtype=torch.bfloat16):
            mean = vae.encode(to_tensor(pictures).to(device())).latent_dist.mean
        latents.append((mean.float() * vae.config.scaling_factor).half().cpu())
        rows += [(s.shape, s.color, s.background, s.size) for s in scenes]
    torch.save({"latents": torch.cat(latents), "scenes": rows}, options.out / f"latents-{rank}.pt")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=24000)
    parser.add_argument("--processes", type=int, default=default_processes())
    options = parser.parse_args()
    run(encode, options.processes, options)
    parts = [options.out / f"latents-{rank}.pt" for rank in range(options.processes)]
    loaded = [torch.load(part) for part in parts]
    rows = [row for part in loaded for row in part["scenes"]]
    torch.save({"latents": torch.cat([p["latents"] for p in loaded]), "scenes": rows}, options.out / "latents.pt")
    for part in parts:
        part.unlink()
    print(len(rows), "pictures")


if __name__ == "__main__":
    main()
