"""Makes single networks with settings that no pipeline of converter_pipelines.py has, and what torch computes.

    python make_architecture_fixtures.py

For each network, below test/fixtures/architectures/NAME/: config.json, the weights, in-*.npy and out-*.npy.
"""

import shutil
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from stored_arrays import save_array, write_index
from tiny_pipelines import ROOT, randomize
from transformers import CLIPTextConfig, CLIPTextModelWithProjection

TARGET = ROOT / "test/fixtures/architectures"
CONTEXT, TEXT, ADDITION = 10, 6, 4
UNETS = {
    "unet-asymmetric": {
        "block_out_channels": (8, 12),
        "down_block_types": ("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        "mid_block_type": "UNetMidBlock2D",
        "layers_per_block": [2, 1],
        "transformer_layers_per_block": [[1, 2], [1]],
        "reverse_transformer_layers_per_block": [[2, 1], [1, 1, 2]],
        "attention_head_dim": [2, 3],
        "flip_sin_to_cos": False,
        "freq_shift": 1,
        "conv_in_kernel": 5,
        "conv_out_kernel": 1,
        "downsample_padding": 0,
        "time_embedding_dim": 20,
    },
    "unet-without-middle": {
        "block_out_channels": (8, 12, 16),
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        "mid_block_type": None,
        "layers_per_block": 1,
        "attention_head_dim": [1, 4, 2],
    },
}


def store(name: str, module: torch.nn.Module, inputs: dict, outputs: dict) -> None:
    folder = TARGET / name
    shutil.rmtree(folder, ignore_errors=True)
    module.save_pretrained(folder)
    write_index(
        folder / "index.json",
        {
            "inputs": {key: save_array(folder / f"in-{key}.npy", value) for key, value in inputs.items()},
            "outputs": {key: save_array(folder / f"out-{key}.npy", value) for key, value in outputs.items()},
        },
    )


def make_unet(name: str, settings: dict, seed: int) -> None:
    module = UNet2DConditionModel(
        sample_size=8,
        cross_attention_dim=CONTEXT,
        use_linear_projection=True,
        norm_num_groups=4,
        addition_embed_type="text_time",
        addition_time_embed_dim=ADDITION,
        projection_class_embeddings_input_dim=6 * ADDITION + TEXT,
        **settings,
    ).eval()
    randomize(module, seed)
    generator = torch.Generator("cpu").manual_seed(seed)
    inputs = {
        # Neither height nor width can be halved without a remainder.
        "sample": torch.randn(2, 4, 7, 10 + seed, generator=generator),
        "timestep": torch.tensor([941]),
        "encoder_hidden_states": torch.randn(2, 12, CONTEXT, generator=generator),
        "text_embeds": torch.randn(2, TEXT, generator=generator),
        "time_ids": torch.tensor([[64.0, 96, 0, 0, 64, 96], [100, 200, 30, 7, 56, 48]]),
    }
    with torch.no_grad():
        result = module(
            inputs["sample"],
            inputs["timestep"],
            inputs["encoder_hidden_states"],
            added_cond_kwargs={"text_embeds": inputs["text_embeds"], "time_ids": inputs["time_ids"]},
        ).sample
    store(name, module, inputs, {"out_sample": result})


def make_text_encoder(name: str, end: int, seed: int) -> None:
    """A text encoder whose end token is known, not the highest of all, and comes more than once."""
    config = CLIPTextConfig(
        vocab_size=40,
        hidden_size=12,
        intermediate_size=24,
        num_hidden_layers=1,
        num_attention_heads=3,
        max_position_embeddings=16,
        hidden_act="gelu",
        layer_norm_eps=1e-3,
        projection_dim=TEXT,
        bos_token_id=1,
        eos_token_id=end,
        pad_token_id=0,
    )
    module = CLIPTextModelWithProjection(config).eval()
    randomize(module, seed)
    ids = torch.tensor([[1, 5, 39, end, end, 38, 0], [1, 39, 17, 8, 21, 6, end], [1, 2, 3, 4, 5, 6, 7]])
    with torch.no_grad():
        result = module(input_ids=ids, output_hidden_states=True)
    outputs = {"text_embeds": result.text_embeds, "last_hidden_state": result.last_hidden_state}
    hidden = {f"hidden_states.{index}": state for index, state in enumerate(result.hidden_states)}
    store(name, module, {"input_ids": ids}, {**outputs, **hidden})


def main() -> None:
    torch.set_num_threads(1)
    for seed, (name, settings) in enumerate(UNETS.items()):
        make_unet(name, settings, seed)
    make_text_encoder("text-encoder-end-token", 33, len(UNETS))


if __name__ == "__main__":
    main()
