"""Trains the refiner's UNet on the last of the noise, on drawn pictures and on what the base makes of them.

python train_refiner.py --base ../limner-tiny --out /path/to/work --minutes 12

It starts as the base's UNet (`refiner_start.py`) and learns with small steps. Needs `targets.pt`. Writes `refiner-checkpoint.pt`, from which a second run goes on, and
`refiner/unet`, the averaged weights.

Hardly ever will the refiner meet an exact picture with plain noise on it. It is handed the base's latents,
whose errors it has to undo while it takes the noise away, so that is what it is trained on: a
draft's latents are read as its exact picture plus some noise, and on the way from there to no
noise the picture and the noise stay the same, as they do for a sampler whose refiner is right.
"""

from __future__ import annotations

import argparse
import copy
import time
from pathlib import Path

import torch
from diffusers.models.attention_processor import AttnProcessor

from draw_drafts import HANDOVERS
from networks import build_scheduler
from parallel import agreed, average_parameters, broadcast_parameters, default_processes, run
from refiner_start import start
from train_diffusion import MEET_EVERY, follow
from train_vae import device, learning_rate

NOISIEST = 300  # timesteps from here on are the base's alone
DRAFTED = 0.4  # of the batch: what the base drew; the others are drawn pictures
HANDED = 0.5  # of the base's drafts: handed over before their noise is gone; the others are finished, noised again
PLAIN = 0.3  # of the drawn pictures: with plain noise; the others are spoiled, as if a base had drawn them
FIRST = 0.5  # of all that has errors: at the refiner's first step, where it can change most
EMPTY = 0.25  # of the captions: zeros, which is what an absent negative prompt becomes
# Scores say how much stands out what tells a picture from the same one softened: at 0 half as much as the encoder saw,
# at PLAIN_SCORE as much, and more above. Steps are small, since guidance multiplies them.
PLAIN_SCORE = 6.0
USUAL_SCORES = (2.5, 6.0)  # those of an absent negative prompt and of a prompt
USUAL = 0.4  # of the scores: exactly these
HIGHEST_SCORE = 9.0
STRONG, STRONGEST = 0.5, 230  # of the finished drafts, noised again: from this timestep on, as for the usual strength
SIZE_IDS = (128.0, 128.0, 0.0, 0.0)


def wide(values: torch.Tensor) -> torch.Tensor:
    """One value a row, `[n]`, shaped to go with latents `[n, 4, 16, 16]`."""
    return values[:, None, None, None]


class Targets:
    """Batches of noisy latents, what is told of them, and the v to predict."""

    def __init__(self, file: Path, seed: int):
        self.data = {name: tensor.to(device()) for name, tensor in torch.load(file).items()}
        alphas = build_scheduler().alphas_cumprod.to(device())
        self.sigmas = ((1 - alphas) / alphas).sqrt()
        self.chance = torch.Generator(device()).manual_seed(seed)

    def uniform(self, count: int) -> torch.Tensor:
        return torch.rand(count, generator=self.chance, device=device())

    def below(self, limit: int, count: int) -> torch.Tensor:
        return torch.randint(limit, (count,), generator=self.chance, device=device())

    def told(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Exact latents for a score, that score, and the caption's states and pooled output."""
        count = len(rows)
        captions = self.data["captions"][rows, self.below(self.data["captions"].shape[1], count)]
        empty = self.uniform(count) < EMPTY
        scores = HIGHEST_SCORE * self.uniform(count)
        usual = torch.where(empty, *USUAL_SCORES)
        scores = torch.where(self.uniform(count) < USUAL, usual, scores)
        exact, softened = self.data["exact"][rows].float(), self.data["softened"][rows].float()
        exact = softened + wide(0.5 + 0.5 * scores / PLAIN_SCORE) * (exact - softened)
        said = (~empty).float()
        states = said[:, None, None] * self.data["states"][captions].float()
        return exact, scores, states, said[:, None] * self.data["pooled"][captions].float()

    def errors(self, rows: torch.Tensor, exact: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What stands for the noise, and the timestep each row begins at."""
        count, drafted = len(rows), len(self.data["drafts"])
        by_base = rows < drafted
        base_rows = rows.clamp(max=drafted - 1)
        place = self.below(len(HANDOVERS), count)
        handed = by_base & (self.uniform(count) < HANDED)
        plain = ~by_base & (self.uniform(count) < PLAIN)
        least = torch.where(self.uniform(count) < STRONG, STRONGEST, 100)
        begins = (least + self.uniform(count) * (NOISIEST - least)).long()
        begins = torch.where(plain, self.below(NOISIEST, count), begins)
        begins = torch.where(handed, torch.tensor(HANDOVERS, device=device())[place], begins)
        spoiled = self.data["spoiled"][(rows - drafted).clamp(min=0)]
        draft = torch.where(wide(by_base), self.data["drafts"][base_rows, -1], spoiled).float()
        on_the_way = self.data["drafts"][base_rows, place].float()
        noise = torch.randn(exact.shape, generator=self.chance, device=device())
        sigma = wide(self.sigmas[begins])
        again = noise + torch.where(wide(plain), 0, draft - exact) / sigma
        return torch.where(wide(handed), (on_the_way - exact) / sigma, again), begins

    def batch(self, count: int):
        """Noisy latents, timesteps, states, added conditioning, v."""
        drafted, total = len(self.data["drafts"]), len(self.data["exact"])
        drawn = drafted + self.below(total - drafted, count)
        rows = torch.where(self.uniform(count) < DRAFTED, self.below(drafted, count), drawn)
        exact, scores, states, pooled = self.told(rows)
        noise, begins = self.errors(rows, exact)
        later = (self.uniform(count) * (begins + 1)).long()
        timesteps = torch.where(self.uniform(count) < FIRST, begins, later)
        sigma = wide(self.sigmas[timesteps])
        alpha = (1 + sigma**2).rsqrt()
        noisy, v = alpha * (exact + sigma * noise), alpha * (noise - sigma * exact)
        time_ids = torch.cat([torch.tensor(SIZE_IDS, device=device()).expand(count, -1), scores[:, None]], dim=1)
        return noisy, timesteps, states, {"text_embeds": pooled, "time_ids": time_ids}, v


def train(rank: int, processes: int, options: argparse.Namespace) -> None:
    """One process's part: its own batches. The first one keeps the average."""
    torch.manual_seed(1)
    model = start(options.base).train().requires_grad_(True).to(device())
    model.set_attn_processor(AttnProcessor())
    average = copy.deepcopy(model).eval().requires_grad_(False)
    parameters = list(model.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=options.rate, betas=(0.9, 0.99), weight_decay=0.01, fused=True)
    checkpoint = options.out / "refiner-checkpoint.pt"
    step, spent = 0, 0.0
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=device())
        model.load_state_dict(saved["model"])
        average.load_state_dict(saved["average"])
        optimizer.load_state_dict(saved["optimizer"])
        step, spent = saved["step"], saved["spent"]
    targets = Targets(options.out / "targets.pt", 1000 * rank + step)

    def save() -> None:
        state = {"model": model.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict()}
        torch.save({**state, "step": step, "spent": spent}, checkpoint)
        average.save_pretrained(options.out / "refiner" / "unet")

    budget = options.minutes * 60
    began, saved_at, running = time.time() - spent, spent, None
    broadcast_parameters(parameters)
    while spent < budget:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(spent / budget, options.rate)
        noisy, timesteps, states, added, v = targets.batch(options.batch // processes)
        loss = (model(noisy, timesteps, states, added_cond_kwargs=added).sample - v).square().mean()
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
        if step % 40 == 0:
            print(f"{step} {spent:.0f}s loss {running:.4f}", flush=True)
        if spent - saved_at > options.save_every * 60:
            save()
            saved_at = spent
    if rank == 0:
        save()
        print(f"{step} steps, {spent / 60:.1f} minutes")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=12)
    parser.add_argument("--batch", type=int, default=32, help="pictures, over all processes")
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--save-every", type=float, default=2, help="minutes between checkpoints")
    parser.add_argument("--processes", type=int, default=default_processes())
    options = parser.parse_args()
    run(train, options.processes, options)


if __name__ == "__main__":
    main()
