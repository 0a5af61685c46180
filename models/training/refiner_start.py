"""Where the refiner's UNet starts: as the base's, told what a refiner is told.

The refiner does not read text encoder 1. Most of what that one says can be reckoned from text
encoder 2's states, linearly, so the base's keys and values are handed on through that map. The
score begins without an effect, and the target size is taken for the usual one.
"""

from __future__ import annotations

import random
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel

from encode_targets import encode_captions
from exported_weights import read_weights
from grammar import caption, draw_scene
from networks import TEXT_WIDTHS, TIME_WIDTH, build_refiner_unet, build_unet

SCENES = 500  # whose captions the map is made from
DAMPING = 1e-3  # of the map from encoder 2 to encoder 1, as a share of the states' mean square
TOLD_SIZE = 128.0  # target height and width that the base is told
FIRST, POOLED = TEXT_WIDTHS
KEPT_IDS = 4  # original size and crop, which come first


def base_unet(base: Path) -> UNet2DConditionModel:
    """The base's UNet with its weights."""
    unet = build_unet().eval().requires_grad_(False)
    unet.load_state_dict(read_weights(base / "unet" / "openvino_model.xml", unet.state_dict(), "model."))
    return unet


def map_between(base: Path, texts: list[str]) -> torch.Tensor:
    """The map `[64, 96]` from encoder 2's states to encoder 1's, by damped least squares over the texts."""
    first = encode_captions(base, texts, "")[0].flatten(0, 1).double()
    second = encode_captions(base, texts, "_2")[0].flatten(0, 1).double()
    square = second.T @ second
    damping = DAMPING * square.diagonal().mean() * torch.eye(len(square), dtype=torch.float64)
    told = torch.linalg.solve(square + damping, second.T @ first)
    left = (second @ told - first).square().mean() / first.square().mean()
    print(f"encoder 1 from encoder 2: {100 * left.item():.2f} % of its square left")
    return told.T.float()


def refiner_of(unet: UNet2DConditionModel, told: torch.Tensor) -> UNet2DConditionModel:
    """The base's UNet made a refiner's."""
    state = unet.state_dict()
    for name, weight in state.items():
        if name.endswith(("attn2.to_k.weight", "attn2.to_v.weight")):
            state[name] = weight[:, :FIRST] @ told + weight[:, FIRST:]
    weight = state["add_embedding.linear_1.weight"]
    kept, target = weight[:, : POOLED + KEPT_IDS * TIME_WIDTH], weight[:, POOLED + KEPT_IDS * TIME_WIDTH :]
    usual = unet.add_time_proj(torch.tensor([TOLD_SIZE, TOLD_SIZE])).flatten()
    state["add_embedding.linear_1.bias"] = state["add_embedding.linear_1.bias"] + target @ usual
    state["add_embedding.linear_1.weight"] = torch.cat([kept, torch.zeros(len(kept), TIME_WIDTH)], dim=1)
    refiner = build_refiner_unet()
    refiner.load_state_dict(state)
    return refiner


def start(base: Path) -> UNet2DConditionModel:
    """The refiner's UNet before it has learned anything of its own."""
    rng = random.Random(SCENES)
    texts = sorted({caption(rng, draw_scene(rng)) for _ in range(SCENES)})
    return refiner_of(base_unet(base), map_between(base, texts))
