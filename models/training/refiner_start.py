"""Where the refiner's UNet starts: as the base's, told what a refiner is told.

Its one text encoder says what the base's two say (`merge_encoders.py`), so it reads words as the base
does. The score begins without an effect, and the target size is taken for the usual one.
"""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import UNet2DConditionModel

from exported_weights import read_weights
from networks import TEXT_WIDTHS, TIME_WIDTH, build_refiner_unet, build_unet

TOLD_SIZE = 128.0  # target height and width that the base is told
POOLED = TEXT_WIDTHS[1]
KEPT_IDS = 4  # original size and crop, which come first


def base_unet(base: Path) -> UNet2DConditionModel:
    """The base's UNet with its weights."""
    unet = build_unet().eval().requires_grad_(False)
    unet.load_state_dict(read_weights(base / "unet" / "openvino_model.xml", unet.state_dict(), "model."))
    return unet


def start(base: Path) -> UNet2DConditionModel:
    """The refiner's UNet before it has learned anything of its own."""
    unet = base_unet(base)
    state = unet.state_dict()
    weight = state["add_embedding.linear_1.weight"]
    kept, target = weight[:, : POOLED + KEPT_IDS * TIME_WIDTH], weight[:, POOLED + KEPT_IDS * TIME_WIDTH :]
    usual = unet.add_time_proj(torch.tensor([TOLD_SIZE, TOLD_SIZE])).flatten()
    state["add_embedding.linear_1.bias"] = state["add_embedding.linear_1.bias"] + target @ usual
    state["add_embedding.linear_1.weight"] = torch.cat([kept, torch.zeros(len(kept), TIME_WIDTH)], dim=1)
    refiner = build_refiner_unet()
    refiner.load_state_dict(state)
    return refiner

