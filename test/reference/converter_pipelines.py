"""The tiny random pipelines that the converter is tested on: one per kind of SDXL checkpoint."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DiffusionPipeline,
    EulerDiscreteScheduler,
    LCMScheduler,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from safetensors.torch import load_file, save_file
from tiny_pipelines import SCHEDULER, cut_merges, randomize, text_config, write_tokenizers
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

WIDTH, WIDTH_2, PROJECTION = 16, 24, 20
ADDITION = 8
MERGES = cut_merges(30)


@dataclass
class Recipe:
    """What sets a pipeline apart. Text encoders, and the rest of a UNet, are alike in all of them."""

    what: str
    unet: dict
    vae: dict = field(default_factory=dict)
    pipeline: type[DiffusionPipeline] = StableDiffusionXLPipeline
    arguments: dict = field(default_factory=dict)
    refiner: bool = False
    dtype: torch.dtype = torch.float16
    variant: str | None = None
    shard: str = "10GB"
    old_names: bool = False
    scheduler: type = EulerDiscreteScheduler
    latents: tuple[int, int] = (8, 12)


VAE_FACTOR_8 = {
    "block_out_channels": (4, 8, 8, 12),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "layers_per_block": 2,
    "norm_num_groups": 4,
}
VAE_FACTOR_2 = {
    "block_out_channels": (4, 8),
    "down_block_types": ("DownEncoderBlock2D",) * 2,
    "up_block_types": ("UpDecoderBlock2D",) * 2,
    "layers_per_block": 1,
    "norm_num_groups": 2,
}
TWO_LEVELS = {
    "block_out_channels": (8, 16),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
    "layers_per_block": 1,
    "transformer_layers_per_block": (1, 2),
    "attention_head_dim": (1, 2),
}

RECIPES = {
    "sdxl-like": Recipe(
        what="SDXL's base: its block list, depths rising with the level, heads by level, VAE of four levels",
        unet={
            "block_out_channels": (8, 16, 24),
            "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            "layers_per_block": 2,
            "transformer_layers_per_block": (1, 1, 2),
            "attention_head_dim": (1, 2, 3),
        },
        vae=VAE_FACTOR_8,
    ),
    "refiner-like": Recipe(
        what="SDXL's refiner: the second text encoder only, attention in the middle levels, five time ids",
        unet={
            "block_out_channels": (8, 12, 16, 16),
            "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
            "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            "layers_per_block": 2,
            "transformer_layers_per_block": 2,
            "attention_head_dim": (1, 3, 2, 4),
        },
        vae=VAE_FACTOR_8,
        pipeline=StableDiffusionXLImg2ImgPipeline,
        arguments={"requires_aesthetics_score": True, "force_zeros_for_empty_prompt": False},
        refiner=True,
        latents=(8, 16),
    ),
    "one-block": Recipe(
        what="a single level with attention, float32 weights that float16 cannot hold",
        unet={
            "block_out_channels": (16,),
            "down_block_types": ("CrossAttnDownBlock2D",),
            "up_block_types": ("CrossAttnUpBlock2D",),
            "layers_per_block": 1,
            "transformer_layers_per_block": 1,
            "attention_head_dim": 2,
        },
        vae=VAE_FACTOR_2,
        dtype=torch.float32,
        latents=(5, 7),
    ),
    "conv-projection": Recipe(
        what=(
            "1x1 convolutions around the transformers; file names with the fp16 variant, and what older files have: "
            "position_ids in the text encoders, query/key/value/proj_attn in the VAE"
        ),
        unet={**TWO_LEVELS, "use_linear_projection": False},
        vae=VAE_FACTOR_2,
        variant="fp16",
        old_names=True,
    ),
    "lcm": Recipe(
        what="a latent consistency model: the UNet takes timestep_cond; bfloat16 weights",
        unet={**TWO_LEVELS, "time_cond_proj_dim": 16},
        vae=VAE_FACTOR_2,
        dtype=torch.bfloat16,
        scheduler=LCMScheduler,
    ),
    "inpaint": Recipe(
        what="nine input channels; the UNet's weights in several files with an index",
        unet={**TWO_LEVELS, "in_channels": 9},
        vae=VAE_FACTOR_2,
        pipeline=StableDiffusionXLInpaintPipeline,
        shard="150KB",
    ),
    "mixed": Recipe(
        what=(
            "attention in the first and last of three levels, one number of heads for all, other activation and norm "
            "settings; a VAE without quant convolutions and without attention in its middle"
        ),
        unet={
            "block_out_channels": (8, 8, 16),
            "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D"),
            "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D", "CrossAttnUpBlock2D"),
            "layers_per_block": 1,
            "transformer_layers_per_block": 1,
            "attention_head_dim": 4,
            "norm_num_groups": 2,
            "norm_eps": 1e-6,
        },
        vae={
            **VAE_FACTOR_2,
            "use_quant_conv": False,
            "use_post_quant_conv": False,
            "mid_block_add_attention": False,
            "scaling_factor": 0.5,
        },
    ),
}


def build_modules(recipe: Recipe, seed: int) -> dict[str, torch.nn.Module]:
    """The networks of a recipe in float32, their weights rounded to what the recipe's files can hold."""
    modules: dict[str, torch.nn.Module] = {}
    if not recipe.refiner:
        modules["text_encoder"] = CLIPTextModel(text_config(MERGES, WIDTH, 2, 2, "quick_gelu", WIDTH))
    modules["text_encoder_2"] = CLIPTextModelWithProjection(text_config(MERGES, WIDTH_2, 3, 3, "gelu", PROJECTION))
    modules["unet"] = UNet2DConditionModel(
        **{
            "sample_size": 8,
            "in_channels": 4,
            "out_channels": 4,
            "cross_attention_dim": WIDTH_2 if recipe.refiner else WIDTH + WIDTH_2,
            "use_linear_projection": True,
            "norm_num_groups": 4,
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": ADDITION,
            "projection_class_embeddings_input_dim": (5 if recipe.refiner else 6) * ADDITION + PROJECTION,
            **recipe.unet,
        }
    )
    modules["vae"] = AutoencoderKL(
        **{"latent_channels": 4, "sample_size": 64, "scaling_factor": 0.13025, "force_upcast": True, **recipe.vae}
    )
    for index, module in enumerate(modules.values()):
        randomize(module, seed * 10 + index)
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.copy_(parameter.to(recipe.dtype).float())
        module.eval()
    return modules


def save_pipeline(recipe: Recipe, modules: dict[str, torch.nn.Module], folder: Path, as_files: bool) -> None:
    """Writes a diffusers folder: as the recipe's files would be (as_files), or plainly in float32."""
    shutil.rmtree(folder, ignore_errors=True)
    names = ("tokenizer_2",) if recipe.refiner else ("tokenizer", "tokenizer_2")
    write_tokenizers(folder, MERGES, names)
    tokenizers = {name: CLIPTokenizer.from_pretrained(folder / name) for name in names}
    missing = {"text_encoder": None, "tokenizer": None} if recipe.refiner else {}
    pipeline = recipe.pipeline(
        **modules,
        **tokenizers,
        **missing,
        scheduler=recipe.scheduler(**{key: SCHEDULER[key] for key in SCHEDULER if key in recipe.scheduler().config}),
        **recipe.arguments,
        add_watermarker=False,
    )
    if as_files:
        pipeline.to(recipe.dtype).save_pretrained(folder, variant=recipe.variant, max_shard_size=recipe.shard)
        pipeline.to(torch.float32)
        if recipe.old_names:
            use_old_names(folder)
    else:
        pipeline.save_pretrained(folder)
    for name in names:
        shutil.rmtree(folder / name)
    write_tokenizers(folder, MERGES, names)


def use_old_names(folder: Path) -> None:
    """Gives text encoders and VAE the tensor names that older files have."""
    for file in folder.glob("text_encoder*/*.safetensors"):
        tensors = load_file(file)
        save_file({**tensors, "text_model.embeddings.position_ids": torch.arange(77)[None]}, file, {"format": "pt"})
    old = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    for file in folder.glob("vae/*.safetensors"):
        tensors = {}
        for name, tensor in load_file(file).items():
            for new_part, old_part in old.items():
                name = name.replace(f".{new_part}.", f".{old_part}.")
            tensors[name] = tensor
        save_file(tensors, file, {"format": "pt"})


def reference_inputs(recipe: Recipe, modules: dict[str, torch.nn.Module], seed: int) -> dict[str, dict[str, torch.Tensor]]:
    """Inputs of each submodel, by the names that Optimum's export gives them."""
    generator = torch.Generator("cpu").manual_seed(1000 + seed)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator)

    height, width = recipe.latents
    unet, vae = modules["unet"].config, modules["vae"].config
    factor = 2 ** (len(vae.block_out_channels) - 1)
    end = modules["text_encoder_2"].config.vocab_size - 1
    ids = torch.randint(0, end - 1, (2, 77), generator=generator)
    ids[:, 0] = end - 1
    ids[0, 20:] = end
    ids[1, 76:] = end
    time_ids = torch.tensor([[64.0, 96, 0, 0, 64, 96], [100, 200, 30, 7, 56, 48]])
    if recipe.refiner:
        time_ids = torch.tensor([[64.0, 96, 0, 0, 2.5], [100, 200, 30, 7, 6]])
    inputs = {name: {"input_ids": ids} for name in ("text_encoder", "text_encoder_2") if name in modules}
    inputs["unet"] = {
        "sample": normal(2, unet.in_channels, height, width),
        "timestep": torch.tensor([481]),
        "encoder_hidden_states": normal(2, 77, unet.cross_attention_dim),
        "text_embeds": normal(2, PROJECTION),
        "time_ids": time_ids,
    }
    if unet.time_cond_proj_dim:
        inputs["unet"]["timestep_cond"] = normal(2, unet.time_cond_proj_dim)
    inputs["vae_encoder"] = {"sample": torch.rand(1, 3, 4 * factor, 6 * factor, generator=generator) * 2 - 1}
    inputs["vae_decoder"] = {"latent_sample": normal(1, 4, 4, 6) * 3}
    return inputs


def reference_outputs(
    modules: dict[str, torch.nn.Module], inputs: dict[str, dict[str, torch.Tensor]]
) -> dict[str, dict[str, torch.Tensor]]:
    """What torch computes for those inputs, by the names that Optimum's export gives the outputs."""
    outputs: dict[str, dict[str, torch.Tensor]] = {}
    with torch.no_grad():
        for name in ("text_encoder", "text_encoder_2"):
            if name in modules:
                result = modules[name](**inputs[name], output_hidden_states=True)
                hidden = {f"hidden_states.{index}": state for index, state in enumerate(result.hidden_states)}
                if name == "text_encoder":
                    first = {"last_hidden_state": result.last_hidden_state, "pooler_output": result.pooler_output}
                else:
                    first = {"text_embeds": result.text_embeds, "last_hidden_state": result.last_hidden_state}
                outputs[name] = {**first, **hidden}
        given = inputs["unet"]
        outputs["unet"] = {
            "out_sample": modules["unet"](
                given["sample"],
                given["timestep"],
                given["encoder_hidden_states"],
                timestep_cond=given.get("timestep_cond"),
                added_cond_kwargs={"text_embeds": given["text_embeds"], "time_ids": given["time_ids"]},
            ).sample
        }
        vae = modules["vae"]
        outputs["vae_encoder"] = {"latent_parameters": vae.encode(inputs["vae_encoder"]["sample"]).latent_dist.parameters}
        outputs["vae_decoder"] = {"sample": vae.decode(inputs["vae_decoder"]["latent_sample"]).sample}
    return outputs
