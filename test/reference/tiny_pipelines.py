"""Tiny random networks of SDXL's architecture, with weights at a scale that keeps their outputs lively."""

from pathlib import Path

import torch
from clip_tokenizers import END, read_merges, vocabulary, write_tokenizer
from diffusers import AutoencoderKL, EulerDiscreteScheduler, UNet2DConditionModel
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

ROOT = Path(__file__).resolve().parents[2]

SCHEDULER = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000,
    "prediction_type": "epsilon",
    "timestep_spacing": "leading",
    "steps_offset": 1,
    "interpolation_type": "linear",
    "use_karras_sigmas": False,
}


def cut_merges(count: int) -> list[str]:
    """The first merges of CLIP's own list."""
    return read_merges(ROOT / "models/clip-tokenizer/merges.txt")[:count]


def text_config(merges: list[str], width: int, heads: int, layers: int, activation: str, projection: int) -> CLIPTextConfig:
    """SDXL's files say eos_token_id 2, a mistake of old that means: the end token is the largest id."""
    return CLIPTextConfig(
        vocab_size=len(vocabulary(merges)),
        hidden_size=width,
        intermediate_size=width * 2,
        num_attention_heads=heads,
        num_hidden_layers=layers,
        hidden_act=activation,
        projection_dim=projection,
        bos_token_id=0,
        eos_token_id=2,
        pad_token_id=1,
        max_position_embeddings=77,
        layer_norm_eps=1e-5,
    )


def randomize(module: nn.Module, seed: int, gain: float = 1.0) -> None:
    """Fills a network with seeded random weights: unit gain in every layer, norms near identity, small biases."""
    generator = torch.Generator("cpu").manual_seed(seed)

    def normal(parameter: torch.Tensor, deviation: float, mean: float = 0.0) -> None:
        parameter.copy_(torch.randn(parameter.shape, generator=generator) * deviation + mean)

    with torch.no_grad():
        for name, child in module.named_modules():
            if isinstance(child, nn.Embedding):
                normal(child.weight, 0.3 if "position" in name else 1.0)
            elif isinstance(child, (nn.Linear, nn.Conv2d)):
                normal(child.weight, gain / child.weight[0].numel() ** 0.5)
                if child.bias is not None:
                    normal(child.bias, 0.1)
            elif isinstance(child, (nn.LayerNorm, nn.GroupNorm)):
                normal(child.weight, 0.2, 1.0)
                normal(child.bias, 0.2)


def scale_layer(layer: nn.Conv2d | nn.Linear, factor: float) -> None:
    with torch.no_grad():
        layer.weight.mul_(factor)


def write_tokenizers(folder: Path, merges: list[str], names: tuple[str, ...] = ("tokenizer", "tokenizer_2")) -> None:
    for name in names:
        write_tokenizer(folder / name, merges, END if name == "tokenizer" else "!")


__all__ = [
    "AutoencoderKL",
    "CLIPTextModel",
    "CLIPTextModelWithProjection",
    "EulerDiscreteScheduler",
    "ROOT",
    "SCHEDULER",
    "UNet2DConditionModel",
    "cut_merges",
    "randomize",
    "scale_layer",
    "text_config",
    "write_tokenizers",
]
