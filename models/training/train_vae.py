"""Trains the autoencoder on drawn pictures: first on crops around edges, then on whole pictures.

python train_vae.py --out /path/to/work --minutes 13

Writes `vae/` (diffusers) and `vae-checkpoint.pt`, from which a second run goes on.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL

from draw import training_set
from parallel import agreed, average_gradients, broadcast_parameters, default_processes, run

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


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def to_tensor(pictures: np.ndarray) -> torch.Tensor:
    """Bytes `[n, h, w, 3]` as `[n, 3, h, w]` in -1..1."""
    return torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1


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


def loss_of(vae: AutoencoderKL, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """L1 + MSE + a little KL, and the L1 part alone."""
    posterior = vae.encode(pixels).latent_dist
    difference = vae.decode(posterior.sample()).sample.float() - pixels
    kl = posterior.kl().mean() / posterior.mean[0].numel()
    l1 = difference.abs().mean()
    return l1 + difference.square().mean() + KL_WEIGHT * kl, l1


def learning_rate(done: float, peak: float) -> float:
    """A short warm-up, then half a cosine over the planned time; `done` in 0..1."""
    return peak * min(1.0, done / 0.02) * max(0.01, 0.5 + 0.5 * math.cos(math.pi * min(done, 1.0)))


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
    parameters = list(vae.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=options.rate, betas=(0.9, 0.99), weight_decay=1e-4)
    checkpoint_path = options.out / "vae-checkpoint.pt"
    step, spent = 0, 0.0
    if checkpoint_path.exists():
        saved = torch.load(checkpoint_path, map_location=device())
        vae.load_state_dict(saved["vae"])
        optimizer.load_state_dict(saved["optimizer"])
        step, spent = saved["step"], saved["spent"]

    def save() -> None:
        state = {"vae": vae.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "spent": spent}
        if rank == 0:
            torch.save(state, checkpoint_path)

    budget = options.minutes * 60
    began, saved_at, running = time.time() - spent, spent, None
    broadcast_parameters(parameters)
    while spent < budget:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(spent / budget, options.rate)
        if spent < CROP_SHARE * budget:
            batch = crop_batch(pictures, rng, share)
        else:
            batch = pictures[rng.integers(len(pictures), size=share // 2)]
        with torch.autocast(device().type, dtype=torch.bfloat16):
            loss, l1 = loss_of(vae, to_tensor(batch).to(device()))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        average_gradients(parameters)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        step += 1
        spent = agreed(time.time() - began)
        running = l1.item() if running is None else 0.95 * running + 0.05 * l1.item()
        if rank == 0 and step % 50 == 0:
            print(f"{step} {spent:.0f}s l1 {running:.4f}", flush=True)
        if spent - saved_at > 120:
            save()
            saved_at = spent
    save()
    if rank == 0:
        vae.eval()
        vae.register_to_config(scaling_factor=measure_scaling(vae, pictures[:512]))
        vae.save_pretrained(options.out / "vae")
        print(f"{step} steps, {spent / 60:.1f} minutes, scaling {vae.config.scaling_factor:.4f}")


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
