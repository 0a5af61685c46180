"""What all training has in common: the loop, its checkpoint, and the rate over the planned time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from parallel import agreed, average_gradients, average_parameters, broadcast_parameters

AVERAGE_DECAY = 0.998
SAVE_EVERY = 120  # seconds between checkpoints
SHOW_EVERY = 48  # steps between lines of output


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def to_tensor(pictures: np.ndarray) -> torch.Tensor:
    """Bytes `[n, h, w, 3]` as `[n, 3, h, w]` in -1..1."""
    return torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1


def learning_rate(done: float, peak: float) -> float:
    """A short warm-up, then half a cosine over the planned time; `done` in 0..1."""
    return peak * min(1.0, done / 0.02) * max(0.01, 0.5 + 0.5 * math.cos(math.pi * min(done, 1.0)))


@torch.no_grad()
def follow(average: torch.nn.Module, network: torch.nn.Module, step: int) -> None:
    """Moves the averaged weights toward the current ones, fast at first."""
    decay = min(AVERAGE_DECAY, (1 + step) / (10 + step))
    torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), 1 - decay)


class Training:
    """A network's training until its time is spent; the checkpoint lets a second run go on.

    `groups` are the optimizer's parameters, each with a `pace` where its rate is another multiple of
    the common one; `average` is a copy whose weights follow. Where several
    processes train, they average gradients at every step, or parameters at every `meet_every`-th.
    """

    def __init__(
        self,
        network: torch.nn.Module,
        groups: list,
        checkpoint: Path,
        *,
        minutes: float,
        rate: float,
        weight_decay: float = 0.01,
        average: torch.nn.Module | None = None,
        meet_every: int = 1,
        rank: int = 0,
    ):
        self.optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.99), weight_decay=weight_decay, fused=True)
        self.kept = {"network": network, "optimizer": self.optimizer, **({"average": average} if average else {})}
        self.network, self.average, self.checkpoint = network, average, checkpoint
        self.budget, self.rate, self.meet_every, self.rank = minutes * 60, rate, meet_every, rank
        self.step, self.spent = 0, 0.0
        if checkpoint.exists():
            saved = torch.load(checkpoint, map_location=device())
            for name, part in self.kept.items():
                part.load_state_dict(saved[name])
            self.step, self.spent = saved["step"], saved["spent"]

    def save(self) -> None:
        """Writes the checkpoint."""
        state = {name: part.state_dict() for name, part in self.kept.items()}
        part = self.checkpoint.with_suffix(".part")
        torch.save({**state, "step": self.step, "spent": self.spent}, part)
        part.replace(self.checkpoint)

    def _change(self, loss: torch.Tensor, parameters: list[torch.nn.Parameter], began: float) -> None:
        """One step of the optimizer down the loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = group.get("pace", 1.0) * learning_rate(self.spent / self.budget, self.rate)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if self.meet_every == 1:
            average_gradients(parameters)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        self.optimizer.step()
        self.step += 1
        if self.step % self.meet_every == 0:
            if self.meet_every > 1:
                average_parameters(parameters)
            self.spent = agreed(time.time() - began)

    def run(self, loss_at: Callable[[float], torch.Tensor], saved: Callable[[], None] = lambda: None) -> None:
        """Steps down `loss_at(share of the time spent)`. The first process calls `saved` after each checkpoint."""
        parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        began, saved_at, running = time.time() - self.spent, self.spent, None
        broadcast_parameters(parameters)
        while self.spent < self.budget:
            loss = loss_at(self.spent / self.budget)
            self._change(loss, parameters, began)
            if self.rank > 0:
                continue
            if self.average:
                follow(self.average, self.network, self.step)
            running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
            if self.step % SHOW_EVERY == 0:
                print(f"{self.step} {self.spent:.0f}s loss {running:.4f}", flush=True)
            if self.spent - saved_at > SAVE_EVERY:
                self.save()
                saved()
                saved_at = self.spent
        if self.rank == 0:
            self.save()
            saved()
            print(f"{self.step} steps, {self.spent / 60:.1f} minutes")
