"""diffusers' tensors under the names of SDXL's original single-file checkpoints."""

import re
from pathlib import Path

import torch
from safetensors.torch import save_file

UNET, VAE = "model.diffusion_model.", "first_stage_model."
RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "time_emb_proj": "emb_layers.1",
    "conv_shortcut": "skip_connection",
}
UNET_TOP = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}


def unet_module_name(name: str, layers: int, up_attention: list[bool]) -> str:
    """The ldm name of a UNet's module or parameter. up_attention says which up blocks have attention."""
    for new, old in UNET_TOP.items():
        if name.startswith(new + ".") or name == new:
            return old + name[len(new) :]
    if match := re.fullmatch(r"mid_block\.(resnets|attentions)\.(\d)\.(.+)", name):
        kind, index, rest = match[1], int(match[2]), match[3]
        position = 1 if kind == "attentions" else index * 2
        return f"middle_block.{position}.{inner_name(kind, rest)}"
    match = re.fullmatch(r"(down|up)_blocks\.(\d)\.(\w+)\.(\d)\.(.+)", name)
    assert match, name
    direction, block, kind, index, rest = match[1], int(match[2]), match[3], int(match[4]), match[5]
    if direction == "down":
        first = 1 + block * (layers + 1)
        if kind == "downsamplers":
            return f"input_blocks.{first + layers}.0.{rest.replace('conv', 'op', 1)}"
        return f"input_blocks.{first + index}.{int(kind == 'attentions')}.{inner_name(kind, rest)}"
    first = block * (layers + 1)
    if kind == "upsamplers":
        return f"output_blocks.{first + layers}.{2 if up_attention[block] else 1}.{rest}"
    return f"output_blocks.{first + index}.{int(kind == 'attentions')}.{inner_name(kind, rest)}"


def inner_name(kind: str, rest: str) -> str:
    if kind != "resnets":
        return rest
    module, _, parameter = rest.partition(".")
    return f"{RESNET[module]}.{parameter}" if parameter else RESNET[module]


def vae_name(name: str, levels: int) -> str:
    name = re.sub(r"encoder\.down_blocks\.(\d)\.resnets\.(\d)", r"encoder.down.\1.block.\2", name)
    name = re.sub(r"encoder\.down_blocks\.(\d)\.downsamplers\.0", r"encoder.down.\1.downsample", name)
    name = re.sub(
        r"decoder\.up_blocks\.(\d)\.resnets\.(\d)", lambda m: f"decoder.up.{levels - 1 - int(m[1])}.block.{m[2]}", name
    )
    name = re.sub(r"decoder\.up_blocks\.(\d)\.upsamplers\.0", lambda m: f"decoder.up.{levels - 1 - int(m[1])}.upsample", name)
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
    name = name.replace("mid_block.attentions.0", "mid.attn_1").replace("conv_shortcut", "nin_shortcut")
    for new, old in {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}.items():
        name = name.replace(f"attn_1.{new}.", f"attn_1.{old}.")
    return name.replace("conv_norm_out", "norm_out")


def open_clip_tensors(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """OpenCLIP's names: one in_proj for query, key and value, and the projection transposed."""
    result = {
        "positional_embedding": tensors["text_model.embeddings.position_embedding.weight"],
        "token_embedding.weight": tensors["text_model.embeddings.token_embedding.weight"],
        "ln_final.weight": tensors["text_model.final_layer_norm.weight"],
        "ln_final.bias": tensors["text_model.final_layer_norm.bias"],
        "text_projection": tensors["text_projection.weight"].T,
        "logit_scale": torch.tensor(4.6),
    }
    parts = {"layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj"}
    parts["self_attn.out_proj"] = "attn.out_proj"
    layers = {int(match[1]) for name in tensors if (match := re.match(r"text_model\.encoder\.layers\.(\d+)\.", name))}
    for layer in sorted(layers):
        source, target = f"text_model.encoder.layers.{layer}.", f"transformer.resblocks.{layer}."
        for kind in ("weight", "bias"):
            for new, old in parts.items():
                result[f"{target}{old}.{kind}"] = tensors[f"{source}{new}.{kind}"]
            rows = [tensors[f"{source}self_attn.{part}_proj.{kind}"] for part in "qkv"]
            result[f"{target}attn.in_proj_{kind}"] = torch.cat(rows)
    return result


def write_single_file(path: Path, modules: dict[str, torch.nn.Module], dtype: torch.dtype) -> None:
    """Writes a checkpoint with SDXL's own layout, extra tensors that a loader must ignore included."""
    unet, vae = modules["unet"], modules["vae"]
    layers = unet.config.layers_per_block
    attention = ["CrossAttn" in kind for kind in unet.config.up_block_types]
    tensors = {UNET + unet_module_name(name, layers, attention): value for name, value in unet.state_dict().items()}
    levels = len(vae.config.block_out_channels)
    for name, value in vae.state_dict().items():
        old = vae_name(name, levels)
        is_attention_matrix = ".attn_1." in old and value.ndim == 2
        tensors[VAE + old] = value[:, :, None, None] if is_attention_matrix else value
    prefix = "conditioner.embedders.0.model."
    if "text_encoder" in modules:
        clip = "conditioner.embedders.0.transformer."
        tensors.update({clip + name: value for name, value in modules["text_encoder"].state_dict().items()})
        tensors[clip + "text_model.embeddings.position_ids"] = torch.arange(77)[None]
        prefix = "conditioner.embedders.1.model."
    second = open_clip_tensors(modules["text_encoder_2"].state_dict())
    tensors.update({prefix + name: value for name, value in second.items()})
    tensors["denoiser.sigmas"] = torch.linspace(0.03, 14.6, 1000)
    tensors["model_ema.decay"] = torch.tensor(0.9999)
    stored = {
        name: (value.to(dtype) if value.is_floating_point() else value).contiguous().clone() for name, value in tensors.items()
    }
    save_file(stored, path, {"format": "pt"})
