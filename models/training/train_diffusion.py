"""Trains the UNet and both text encoders together, on latents and captions.

python train_diffusion.py --out /path/to/work --minutes 55

Needs `vae/` and `latents.pt`. Writes `diffusion-checkpoint.pt`, from which a second run goes on,
and at the end `pipeline/`, a diffusers SDXL pipeline with the averaged weights.
"""

from __future__ import annotations

import argparse
import copy
import random
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, StableDiffusionXLPipeline
from diffusers.models.attention_processor import AttnProcessor

from grammar import Scene, caption
from networks import (
    build_scheduler,
    build_text_encoders,
    build_unet,
    encode_text,
    read_tokenizer,
    write_tokenizers,
)
from parallel import agreed, average_parameters, broadcast_parameters, default_processes, run
from train_vae import device, learning_rate

ZEROED = 0.08  # of the captions: all conditioning zero, what an absent negative prompt gives
EMPTY = 0.02  # of the captions: the empty sentence, encoded
EMA_DECAY = 0.998
NOISES = 2  # for each picture and caption: the caption is encoded once
MEET_EVERY = 8  # steps; in between, each process goes its own way
TIME_IDS = (128.0, 128.0, 0.0, 0.0, 128.0, 128.0)


class Captions:
    """Draws captions for scenes and tokenizes each only once."""

    def __init__(self, folder: Path, rng: random.Random):
        self.tokenizers = [read_tokenizer(folder / name) for name in ("tokenizer", "tokenizer_2")]
        self.rng = rng
        self.known: dict[str, list[list[int]]] = {}

    def ids(self, scenes: list[Scene]) -> tuple[torch.Tensor, torch.Tensor]:
        """Token ids `[n, 77]` of a fresh caption a scene, for both encoders."""
        rows = []
        for scene in scenes:
            text = "" if self.rng.random() < EMPTY else caption(self.rng, scene)
            if text not in self.known:
                self.known[text] = [t(text, padding="max_length").input_ids for t in self.tokenizers]
            rows.append(self.known[text])
        first, second = zip(*rows)
        return torch.tensor(first), torch.tensor(second)


class Networks(torch.nn.Module):
    """What is trained: text encoders and UNet."""

    def __init__(self, vocabulary_size: int):
        super().__init__()
        self.text, self.text_2 = build_text_encoders(vocabulary_size)
        self.unet = build_unet()
        # On a CPU, plain attention of such small heads is trained twice as fast as the fused one.
        self.text.set_attn_implementation("eager")
        self.text_2.set_attn_implementation("eager")
        self.unet.set_attn_processor(AttnProcessor())

    def forward(self, noisy, timesteps, ids, ids_2, kept) -> torch.Tensor:
        """The predicted v. `kept` `[n]` is 0 where the conditioning is zeroed."""
        states, pooled = encode_text(self.text, self.text_2, ids, ids_2)
        states, pooled = states.repeat(NOISES, 1, 1), pooled.repeat(NOISES, 1)
        time_ids = torch.tensor([TIME_IDS] * len(noisy), device=noisy.device)
        added = {"text_embeds": pooled * kept[:, None], "time_ids": time_ids}
        return self.unet(noisy, timesteps, states * kept[:, None, None], added_cond_kwargs=added).sample


@torch.no_grad()
def follow(average: Networks, model: Networks, step: int) -> None:
    """Moves the averaged weights toward the current ones, fast at first."""
    decay = min(EMA_DECAY, (1 + step) / (10 + step))
    torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), 1 - decay)


def v_loss(model, latents, ids, ids_2, alphas) -> torch.Tensor:
    """Mean squared error of v = alpha * noise - sigma * latents, more often at strong noise, where words matter."""
    latents = latents.repeat(NOISES, 1, 1, 1)
    noise = torch.randn_like(latents)
    timesteps = (1000 * (1 - torch.rand(len(latents), device=latents.device) ** 1.5)).long().clamp(0, 999)
    alpha = alphas[timesteps].sqrt()[:, None, None, None]
    sigma = (1 - alphas[timesteps]).sqrt()[:, None, None, None]
    kept = (torch.rand(len(latents), device=latents.device) >= ZEROED).float()
    with torch.autocast(latents.device.type, dtype=torch.bfloat16):
        predicted = model(alpha * latents + sigma * noise, timesteps, ids, ids_2, kept)
    return (predicted.float() - (alpha * noise - sigma * latents)).square().mean()


def pipeline_of(networks: Networks, folder: Path) -> StableDiffusionXLPipeline:
    """A diffusers pipeline around these networks."""
    return StableDiffusionXLPipeline(
        vae=AutoencoderKL.from_pretrained(folder / "vae"),
        text_encoder=networks.text,
        text_encoder_2=networks.text_2,
        tokenizer=read_tokenizer(folder / "tokenizer"),
        tokenizer_2=read_tokenizer(folder / "tokenizer_2"),
        unet=networks.unet,
        scheduler=build_scheduler(),
        force_zeros_for_empty_prompt=True,
        add_watermarker=False,
    ).to(device())


def parameter_groups(model: Networks) -> list[dict]:
    """Text encoders learn at the same rate, with less decay: their words are seen seldom."""
    text = [*model.text.parameters(), *model.text_2.parameters()]
    return [{"params": list(model.unet.parameters()), "weight_decay": 0.01}, {"params": text, "weight_decay": 0.0}]


def train(rank: int, processes: int, options: argparse.Namespace) -> None:
    """One process's part: its own batches. The first one keeps the average and looks at it."""
    torch.manual_seed(1)
    captions = Captions(options.out, random.Random(rank))
    cached = torch.load(options.out / "latents.pt")
    latents, scenes = cached["latents"], [Scene(*row) for row in cached["scenes"]]
    model = Networks(len(captions.tokenizers[0])).to(device())
    average = copy.deepcopy(model).eval().requires_grad_(False)
    parameters = list(model.parameters())
    optimizer = torch.optim.AdamW(parameter_groups(model), lr=options.rate, betas=(0.9, 0.99), fused=True)
    alphas = build_scheduler().alphas_cumprod.to(device())
    share = options.batch // processes
    checkpoint_path = options.out / "diffusion-checkpoint.pt"
    step, spent = 0, 0.0
    if checkpoint_path.exists():
        saved = torch.load(checkpoint_path, map_location=device())
        model.load_state_dict(saved["model"])
        average.load_state_dict(saved["average"])
        optimizer.load_state_dict(saved["optimizer"])
        step, spent = saved["step"], saved["spent"]
    rng = np.random.default_rng([rank, step])
    torch.manual_seed(1000 * rank + step)

    def save() -> None:
        state = {"model": model.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict()}
        torch.save({**state, "step": step, "spent": spent}, checkpoint_path)
        pipeline_of(average, options.out).save_pretrained(options.out / "pipeline")

    budget = options.minutes * 60
    began, saved_at, running = time.time() - spent, spent, None
    broadcast_parameters(parameters)
    while spent < budget:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(spent / budget, options.rate)
        chosen = rng.integers(len(latents), size=share)
        ids, ids_2 = captions.ids([scenes[i] for i in chosen])
        loss = v_loss(model, latents[chosen].float().to(device()), ids.to(device()), ids_2.to(device()), alphas)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        step += 1
        if step % MEET_EVERY == 0:
            average_parameters(parameters)
            spent = agreed(time.time() - began)
        if rank > 0:
            continue
        follow(average, model, step)
        running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
        if step % 48 == 0:
            print(f"{step} {spent:.0f}s loss {running:.4f}", flush=True)
        if spent - saved_at > options.save_every * 60:
            save()
            saved_at = spent
    if rank == 0:
        save()
        print(f"{step} steps, {spent / 60:.1f} minutes")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=50)
    parser.add_argument("--batch", type=int, default=32, help="pictures, over all processes")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--save-every", type=float, default=4, help="minutes between checkpoints")
    parser.add_argument("--processes", type=int, default=default_processes())
    options = parser.parse_args()
    write_tokenizers(options.out)
    run(train, options.processes, options)


if __name__ == "__main__":
    main()
