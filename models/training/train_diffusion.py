"""Trains the UNet and both text encoders together, on latents and captions.

python train_diffusion.py --out /path/to/work --minutes 55

Needs `vae/` and `latents.pt`. Writes `diffusion-checkpoint.pt`, from which a second run goes on,
and at the end `pipeline/`, a diffusers SDXL pipeline with the averaged weights.
"""

from __future__ import annotations

import argparse
import copy
import random
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
from parallel import default_processes, run
from training import Training, device

ZEROED = 0.08  # of the captions: all conditioning zero, what an absent negative prompt gives
EMPTY = 0.02  # of the captions: the empty sentence, encoded
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
    alphas = build_scheduler().alphas_cumprod.to(device())
    share = options.batch // processes
    training = Training(
        model,
        parameter_groups(model),
        options.out / "diffusion-checkpoint.pt",
        minutes=options.minutes,
        rate=options.rate,
        average=average,
        meet_every=MEET_EVERY,
        rank=rank,
    )
    rng = np.random.default_rng([rank, training.step])
    torch.manual_seed(1000 * rank + training.step)

    def loss_at(_: float) -> torch.Tensor:
        chosen = rng.integers(len(latents), size=share)
        ids, ids_2 = captions.ids([scenes[i] for i in chosen])
        return v_loss(model, latents[chosen].float().to(device()), ids.to(device()), ids_2.to(device()), alphas)

    training.run(loss_at, lambda: pipeline_of(average, options.out).save_pretrained(options.out / "pipeline"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=50)
    parser.add_argument("--batch", type=int, default=32, help="pictures, over all processes")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--processes", type=int, default=default_processes())
    options = parser.parse_args()
    write_tokenizers(options.out)
    run(train, options.processes, options)


if __name__ == "__main__":
    main()
