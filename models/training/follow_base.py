"""Teaches the refiner's UNet, at the last of the noise, what the base says with its guidance.

python follow_base.py --base ../limner-tiny --out /path/to/work --minutes 7

Needs `drafts.pt` and `refiner/unet`, which it goes on from and replaces. The refiner hears one text encoder
only. Guidance multiplies what it then gets wrong about the words, so it learns the guided answer itself
and needs no guidance afterwards.
"""

from __future__ import annotations

import argparse
import copy
import random
import time
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor

from draw_drafts import GUIDANCE, HANDOVERS, draft_scene
from encode_targets import encode_captions
from grammar import GRAMMAR, caption, fill
from networks import build_scheduler
from refiner_start import TOLD_SIZE, base_unet
from train_diffusion import follow
from train_refiner import NOISIEST, SIZE_IDS, USUAL_SCORES, wide
from train_vae import learning_rate

HANDED = 0.5  # of the batch: on the way out of the noise; the others are finished, noised again
EMPTY = 0.1  # of the captions: zeros, which is what an absent negative prompt becomes
SCORE = USUAL_SCORES[1]


class Answers:
    """Batches of noisy drafts, what the refiner is told of them, and what the base answers."""

    def __init__(self, base: Path, drafts: dict, seed: int):
        rng = random.Random(seed)
        scenes = [draft_scene(k) for k in drafts["seeds"]]
        told = [(fill(GRAMMAR["captions"]["test"], scene, rng.random() < 0.7), caption(rng, scene)) for scene in scenes]
        texts = sorted({text for pair in told for text in pair})
        known = {text: k for k, text in enumerate(texts)}
        self.captions = torch.tensor([[known[text] for text in pair] for pair in told])
        self.first, _ = encode_captions(base, texts, "")
        self.second, self.pooled = encode_captions(base, texts)
        self.latents = drafts["latents"]
        self.base = base_unet(base)
        self.base.set_attn_processor(AttnProcessor())
        self.alphas = build_scheduler().alphas_cumprod

    def noisy(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Latents at some timestep each, as the UNet is given them."""
        count = len(rows)
        place = torch.randint(len(HANDOVERS), (count,))
        handed = torch.rand(count) < HANDED
        timesteps = torch.where(handed, torch.tensor(HANDOVERS)[place], torch.randint(NOISIEST, (count,)))
        alpha = wide(self.alphas[timesteps].sqrt())
        on_the_way = alpha * self.latents[rows, place].float()
        again = alpha * self.latents[rows, -1].float() + (1 - alpha**2).sqrt() * torch.randn_like(on_the_way)
        return torch.where(wide(handed), on_the_way, again), timesteps

    @torch.no_grad()
    def batch(self, count: int):
        """Noisy latents, timesteps, states, added conditioning, v."""
        rows = torch.randint(len(self.latents), (count,))
        noisy, timesteps = self.noisy(rows)
        captions = self.captions[rows, torch.randint(2, (count,))]
        said = (torch.rand(count) >= EMPTY).float()
        second, pooled = self.second[captions].float(), said[:, None] * self.pooled[captions].float()
        states = said[:, None, None] * torch.cat([self.first[captions].float(), second], dim=-1)
        both = {
            "text_embeds": torch.cat([pooled, torch.zeros_like(pooled)]),
            "time_ids": torch.tensor([*SIZE_IDS, TOLD_SIZE, TOLD_SIZE]).expand(2 * count, -1),
        }
        told = torch.cat([states, torch.zeros_like(states)])
        answer = self.base(noisy.repeat(2, 1, 1, 1), timesteps.repeat(2), told, added_cond_kwargs=both).sample
        positive, negative = answer.chunk(2)
        time_ids = torch.tensor([*SIZE_IDS, SCORE]).expand(count, -1)
        heard = {"text_embeds": pooled, "time_ids": time_ids}
        v = negative + GUIDANCE * (positive - negative)
        return noisy, timesteps, states[:, :, -second.shape[-1] :], heard, v


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=7)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--rate", type=float, default=1e-3)
    options = parser.parse_args()
    torch.manual_seed(1)
    folder = options.out / "refiner" / "unet"
    model = UNet2DConditionModel.from_pretrained(folder).train()
    model.set_attn_processor(AttnProcessor())
    average = copy.deepcopy(model).eval().requires_grad_(False)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, betas=(0.9, 0.99), weight_decay=0.01)
    answers = Answers(options.base, torch.load(options.out / "drafts.pt"), 1)
    budget = options.minutes * 60
    began, step, running = time.time(), 0, None
    while (spent := time.time() - began) < budget:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(spent / budget, options.rate)
        noisy, timesteps, states, added, v = answers.batch(options.batch)
        loss = (model(noisy, timesteps, states, added_cond_kwargs=added).sample - v).square().mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        follow(average, model, step)
        running = loss.item() if running is None else 0.95 * running + 0.05 * loss.item()
        if step % 20 == 0:
            print(f"{step} {spent:.0f}s loss {running:.4f}", flush=True)
    average.save_pretrained(folder)
    print(f"{step} steps, {options.minutes:.1f} minutes")


if __name__ == "__main__":
    main()
