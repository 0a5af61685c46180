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
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor

from draw_drafts import HANDOVERS
from networks import TIME_WIDTH, build_scheduler
from parallel import default_processes, run
from refiner_start import start
from train_diffusion import MEET_EVERY
from training import Training, device

NOISIEST = 300  # timesteps from here on are the base's alone
DRAFTED = 0.4  # of the batch: what the base drew; the others are drawn pictures
HANDED = 0.5  # of the base's drafts: handed over before their noise is gone; the others are finished, noised again
PLAIN = 0.3  # of the drawn pictures: with plain noise; the others are spoiled, as if a base had drawn them
FIRST = 0.5  # of all that has errors: at the refiner's first step, where it can change most
EMPTY = 0.15  # of the captions: zeros, which is what an absent negative prompt becomes
# A score says how much of what a draft has wrong is put right: at 0 nothing, at MENDED_SCORE all, and more above.
# Without a caption all is, whatever the score: guidance would multiply the step between the two usual scores.
MENDED_SCORE = 6.0
USUAL_SCORES = (2.5, 6.0)  # those of an absent negative prompt and of a prompt
USUAL = 0.4  # of the scores: exactly these
HIGHEST_SCORE = 8.0
STRONG, STRONGEST = 0.5, 230  # of the finished drafts, noised again: from this timestep on, as for the usual strength
SCORE_PACE = 20.0  # how much faster the score's weights learn than the others
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
        """A score for each row, how much is put right for it, and a caption's states and pooled output."""
        count = len(rows)
        captions = self.data["captions"][rows, self.below(self.data["captions"].shape[1], count)]
        empty = self.uniform(count) < EMPTY
        usual = torch.where(empty, *USUAL_SCORES)
        scores = torch.where(self.uniform(count) < USUAL, usual, HIGHEST_SCORE * self.uniform(count))
        said = (~empty).float()
        states = said[:, None, None] * self.data["states"][captions].float()
        mended = torch.where(empty, 1.0, scores / MENDED_SCORE)
        return scores, mended, states, said[:, None] * self.data["pooled"][captions].float()

    def pictures(self, rows: torch.Tensor, mended: torch.Tensor):
        """Latents aimed at, what stands for the noise on them, and the timestep each row begins at."""
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
        exact = self.data["exact"][rows].float()
        spoiled = self.data["spoiled"][(rows - drafted).clamp(min=0)]
        draft = torch.where(wide(by_base), self.data["drafts"][base_rows, -1], spoiled).float()
        draft = torch.where(wide(plain), exact, draft)
        aim = draft + wide(mended) * (exact - draft)
        again = draft + wide(self.sigmas[begins]) * torch.randn(exact.shape, generator=self.chance, device=device())
        given = torch.where(wide(handed), self.data["drafts"][base_rows, place].float(), again)
        return aim, (given - aim) / wide(self.sigmas[begins]), begins

    def batch(self, count: int):
        """Noisy latents, timesteps, states, added conditioning, v."""
        drafted, total = len(self.data["drafts"]), len(self.data["exact"])
        drawn = drafted + self.below(total - drafted, count)
        rows = torch.where(self.uniform(count) < DRAFTED, self.below(drafted, count), drawn)
        scores, mended, states, pooled = self.told(rows)
        aim, noise, begins = self.pictures(rows, mended)
        later = (self.uniform(count) * (begins + 1)).long()
        timesteps = torch.where(self.uniform(count) < FIRST, begins, later)
        sigma = wide(self.sigmas[timesteps])
        alpha = (1 + sigma**2).rsqrt()
        noisy, v = alpha * (aim + sigma * noise), alpha * (noise - sigma * aim)
        time_ids = torch.cat([torch.tensor(SIZE_IDS, device=device()).expand(count, -1), scores[:, None]], dim=1)
        return noisy, timesteps, states, {"text_embeds": pooled, "time_ids": time_ids}, v


def parameter_groups(model: UNet2DConditionModel) -> list[dict]:
    """The score, which begins without an effect, learns faster; what else is told beside the words stays as it is."""
    told = model.add_embedding.linear_1.weight
    own = torch.zeros_like(told)
    own[:, -TIME_WIDTH:] = 1
    told.register_hook(lambda gradient: gradient * own)
    others = [p for p in model.parameters() if p is not told]
    return [{"params": others}, {"params": [told], "pace": SCORE_PACE, "weight_decay": 0.0}]


def train(rank: int, processes: int, options: argparse.Namespace) -> None:
    """One process's part: its own batches. The first one keeps the average."""
    torch.manual_seed(1)
    model = start(options.base).train().requires_grad_(True).to(device())
    model.set_attn_processor(AttnProcessor())
    average = copy.deepcopy(model).eval().requires_grad_(False)
    training = Training(
        model,
        parameter_groups(model),
        options.out / "refiner-checkpoint.pt",
        minutes=options.minutes,
        rate=options.rate,
        average=average,
        meet_every=MEET_EVERY,
        rank=rank,
    )
    targets = Targets(options.out / "targets.pt", 1000 * rank + training.step)

    def loss_at(_: float) -> torch.Tensor:
        noisy, timesteps, states, added, v = targets.batch(options.batch // processes)
        return (model(noisy, timesteps, states, added_cond_kwargs=added).sample - v).square().mean()

    training.run(loss_at, lambda: average.save_pretrained(options.out / "refiner" / "unet"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=12)
    parser.add_argument("--batch", type=int, default=32, help="pictures, over all processes")
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--processes", type=int, default=default_processes())
    options = parser.parse_args()
    run(train, options.processes, options)


if __name__ == "__main__":
    main()
