"""Trains in several one-thread processes that average their gradients, or now and then their parameters.

On a shared machine this beats one process with several threads: those wait for each other a
thousand times a step, these once a step or less.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import torch
import torch.distributed as dist
import torch.multiprocessing as mp


def default_processes() -> int:
    """One for a GPU, otherwise one a core."""
    return 1 if torch.cuda.is_available() else len(os.sched_getaffinity(0))


def _enter(rank: int, count: int, port: int, work: Callable, options: object) -> None:
    if count > 1:
        torch.set_num_threads(1)
        dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=count)
    work(rank, count, options)


def run(work: Callable, count: int, options: object) -> None:
    """Calls `work(rank, count, options)` in `count` processes."""
    port = random.randint(20000, 40000)
    if count == 1:
        _enter(0, 1, port, work, options)
    else:
        mp.spawn(_enter, (count, port, work, options), nprocs=count)


def average_gradients(parameters: list[torch.nn.Parameter]) -> None:
    """Replaces each gradient by its mean over the processes."""
    if not dist.is_initialized():
        return
    gradients = [p.grad for p in parameters if p.grad is not None]
    flat = torch.cat([g.flatten() for g in gradients])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients])):
        gradient.copy_(part.view_as(gradient))


def agreed(value: float) -> float:
    """The first process's value, in every process."""
    if not dist.is_initialized():
        return value
    shared = torch.tensor([value], dtype=torch.float64)
    dist.broadcast(shared, 0)
    return shared.item()


@torch.no_grad()
def broadcast_parameters(parameters: list[torch.nn.Parameter]) -> None:
    """Gives every process the first one's parameters."""
    if dist.is_initialized():
        for parameter in parameters:
            dist.broadcast(parameter.data, 0)


@torch.no_grad()
def average_parameters(parameters: list[torch.nn.Parameter]) -> None:
    """Replaces each parameter by its mean over the processes, which went their own ways since the last time."""
    if not dist.is_initialized():
        return
    flat = torch.cat([p.flatten() for p in parameters])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    for parameter, part in zip(parameters, flat.split([p.numel() for p in parameters])):
        parameter.copy_(part.view_as(parameter))
