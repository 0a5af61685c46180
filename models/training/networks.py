"""The box model's networks and tokenizers: SDXL's architecture, everything narrow."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import torch
from diffusers import EulerDiscreteScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from grammar import words

START, END = "<|startoftext|>", "<|endoftext|>"
TOKENS = 77
TEXT_WIDTHS = (64, 96)
TIME_WIDTH = 32


def byte_symbols() -> list[str]:
    """The printable stand-ins of the 256 bytes, in CLIP's order ('!' first)."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    rest = [b for b in range(256) if b not in printable]
    return [chr(b) for b in printable] + [chr(256 + i) for i in range(len(rest))]


def learn_merges(vocabulary: list[str]) -> list[tuple[str, str]]:
    """Byte-pair merges, most frequent pair first, until each word is one token."""
    pieces = {word: [*word[:-1], word[-1] + "</w>"] for word in vocabulary}
    merges = []
    while True:
        pairs = Counter(pair for parts in pieces.values() for pair in zip(parts, parts[1:]))
        if not pairs:
            return merges
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        for word, parts in pieces.items():
            joined, i = [], 0
            while i < len(parts):
                if tuple(parts[i : i + 2]) == best:
                    joined.append("".join(best))
                    i += 2
                else:
                    joined.append(parts[i])
                    i += 1
            pieces[word] = joined


def write_tokenizers(folder: Path) -> None:
    """Writes `tokenizer/` and `tokenizer_2/` as the hub lays them out; only the padding differs."""
    merges = learn_merges(words())
    symbols = byte_symbols()
    tokens = [*symbols, *(s + "</w>" for s in symbols), *("".join(m) for m in merges), START, END]
    for name, padding in (("tokenizer", END), ("tokenizer_2", "!")):
        target = folder / name
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        write_json(target / "vocab.json", {token: i for i, token in enumerate(tokens)})
        lines = ["#version: 0.2", *(" ".join(m) for m in merges)]
        (target / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        special = {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": padding}
        write_json(target / "special_tokens_map.json", special)
        settings = {
            "add_prefix_space": False,
            "clean_up_tokenization_spaces": True,
            "do_lower_case": True,
            "errors": "replace",
            "model_max_length": TOKENS,
            "tokenizer_class": "CLIPTokenizer",
        }
        write_json(target / "tokenizer_config.json", {**settings, **special})


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_tokenizer(folder: Path):
    """The tokenizer of one folder, built from its vocabulary and merges."""
    from transformers import CLIPTokenizer

    settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    return CLIPTokenizer(
        str(folder / "vocab.json"),
        str(folder / "merges.txt"),
        model_max_length=TOKENS,
        **{key: settings[key] for key in ("bos_token", "eos_token", "unk_token", "pad_token")},
    )


def text_config(width: int, vocabulary_size: int, activation: str, padding_id: int) -> CLIPTextConfig:
    """A text encoder of three layers. The end token has the highest id, so that its place is also the argmax."""
    return CLIPTextConfig(
        vocab_size=vocabulary_size,
        hidden_size=width,
        intermediate_size=4 * width,
        projection_dim=width,
        num_hidden_layers=3,
        num_attention_heads=width // 16,
        max_position_embeddings=TOKENS,
        hidden_act=activation,
        bos_token_id=vocabulary_size - 2,
        eos_token_id=vocabulary_size - 1,
        pad_token_id=padding_id,
    )


def build_text_encoders(vocabulary_size: int) -> tuple[CLIPTextModel, CLIPTextModelWithProjection]:
    """Both text encoders, untrained. Embeddings start at unit deviation: the UNet reads a hidden
    state that no normalization follows, and with CLIP's tiny start it would see nearly nothing."""
    end = vocabulary_size - 1
    first = CLIPTextModel(text_config(TEXT_WIDTHS[0], vocabulary_size, "quick_gelu", end))
    second = CLIPTextModelWithProjection(text_config(TEXT_WIDTHS[1], vocabulary_size, "gelu", 0))
    for encoder in (first, second):
        model = getattr(encoder, "text_model", encoder)
        torch.nn.init.normal_(model.embeddings.token_embedding.weight, std=0.8)
        torch.nn.init.normal_(model.embeddings.position_embedding.weight, std=0.3)
    return first, second


def build_merged_encoder(vocabulary_size: int) -> CLIPTextModelWithProjection:
    """The refiner's only text encoder: as wide as both of the base's, its pooled output as wide as the second's."""
    config = text_config(sum(TEXT_WIDTHS), vocabulary_size, "gelu", 0)
    config.projection_dim = TEXT_WIDTHS[1]
    return CLIPTextModelWithProjection(config)


def unet_told(states: int, time_ids: int) -> UNet2DConditionModel:
    """SDXL's UNet for latents of 16x16: no attention in the first level, text in the other two."""
    return UNet2DConditionModel(
        sample_size=16,
        in_channels=4,
        out_channels=4,
        block_out_channels=(32, 64, 128),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        transformer_layers_per_block=1,
        attention_head_dim=(1, 2, 4),  # the number of heads, by an old misnomer
        cross_attention_dim=states,
        use_linear_projection=True,
        # Few groups: normalizing three channels at a time would wash out a flat picture's color.
        norm_num_groups=4,
        addition_embed_type="text_time",
        addition_time_embed_dim=TIME_WIDTH,
        projection_class_embeddings_input_dim=time_ids * TIME_WIDTH + TEXT_WIDTHS[1],
    )


def build_unet() -> UNet2DConditionModel:
    """The base's: reads both text encoders, and is told the original size, the crop and the target size."""
    return unet_told(sum(TEXT_WIDTHS), 6)


def build_refiner_unet() -> UNet2DConditionModel:
    """The refiner's: reads one text encoder as wide as both, and is told a score in place of the target size."""
    return unet_told(sum(TEXT_WIDTHS), 5)


def build_scheduler() -> EulerDiscreteScheduler:
    """SDXL's noise, but the networks predict v: at strong noise that is the picture, colors and all."""
    return EulerDiscreteScheduler(
        num_train_timesteps=1000,
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        interpolation_type="linear",
        timestep_spacing="leading",
        steps_offset=1,
        use_karras_sigmas=False,
    )


def encode_text(first, second, ids: torch.Tensor, ids_2: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """What the UNet is told: `[batch, 77, 160]` from both encoders' last but one hidden states,
    and the second's pooled `[batch, 96]`."""
    states = first(ids, output_hidden_states=True).hidden_states[-2]
    told = second(ids_2, output_hidden_states=True)
    return torch.cat([states, told.hidden_states[-2]], dim=-1), told.text_embeds
