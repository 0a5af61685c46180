"""A tiny refiner and a tiny inpainting model that share text encoders, tokenizers and VAE with the tiny SDXL pipeline.

Only what differs is stored: the UNet, the scheduler's configuration and model_index.json. As with SDXL itself, the
refiner has the base's second text encoder and VAE.
"""

import shutil
from pathlib import Path

from diffusers import (
    DiffusionPipeline,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from make_tiny_sdxl import build as build_base
from optimum.intel import OVStableDiffusionXLImg2ImgPipeline, OVStableDiffusionXLInpaintPipeline
from optimum_export import export_openvino
from tiny_pipelines import ROOT, randomize

FIXTURES = ROOT / "test/fixtures"
SHARED = {
    "tiny-refiner": ["text_encoder_2", "tokenizer_2", "vae_encoder", "vae_decoder"],
    "tiny-inpaint": ["text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2", "vae_encoder", "vae_decoder"],
}
STORED = ("model_index.json", "scheduler", "unet")
EXPORTERS = {"tiny-refiner": OVStableDiffusionXLImg2ImgPipeline, "tiny-inpaint": OVStableDiffusionXLInpaintPipeline}

SMALL = {
    "sample_size": 8,
    "out_channels": 4,
    "layers_per_block": 1,
    "transformer_layers_per_block": 1,
    "use_linear_projection": True,
    "norm_num_groups": 4,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 8,
}


def refiner_unet() -> UNet2DConditionModel:
    """As SDXL's refiner: the second encoder's width (48), five time ids, attention in the middle levels only."""
    unet = UNet2DConditionModel(
        **SMALL,
        in_channels=4,
        block_out_channels=(8, 12, 16),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(1, 3, 2),
        cross_attention_dim=48,
        projection_class_embeddings_input_dim=5 * 8 + 40,
    )
    randomize(unet, 11)
    return unet.eval()


def inpaint_unet() -> UNet2DConditionModel:
    """Nine input channels: four of latents, one of the mask, four of the masked picture's latents."""
    unet = UNet2DConditionModel(
        **SMALL,
        in_channels=9,
        block_out_channels=(8, 16),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(1, 2),
        cross_attention_dim=32 + 48,
        projection_class_embeddings_input_dim=6 * 8 + 40,
    )
    randomize(unet, 12)
    return unet.eval()


def build_models(build: Path) -> dict[str, Path]:
    """Writes the three diffusers folders, where they are not there yet."""
    folders = {name: build / name for name in ("tiny-sdxl", *SHARED)}
    if not folders["tiny-sdxl"].exists():
        build_base(folders["tiny-sdxl"])
    base = StableDiffusionXLPipeline.from_pretrained(folders["tiny-sdxl"], add_watermarker=False)
    parts = {name: part for name, part in base.components.items() if name not in ("unet", "feature_extractor", "image_encoder")}
    none = {"text_encoder": None, "tokenizer": None}
    refiner = StableDiffusionXLImg2ImgPipeline(
        **{**parts, **none, "unet": refiner_unet()},
        requires_aesthetics_score=True,
        force_zeros_for_empty_prompt=False,
        add_watermarker=False,
    )
    inpaint = StableDiffusionXLInpaintPipeline(**parts, unet=inpaint_unet(), add_watermarker=False)
    for name, pipeline in (("tiny-refiner", refiner), ("tiny-inpaint", inpaint)):
        shutil.rmtree(folders[name], ignore_errors=True)
        pipeline.save_pretrained(folders[name])
        for tokenizer in ("tokenizer", "tokenizer_2"):
            shutil.rmtree(folders[name] / tokenizer, ignore_errors=True)
            if tokenizer in SHARED[name]:
                shutil.copytree(folders["tiny-sdxl"] / tokenizer, folders[name] / tokenizer)
    return folders


def export_models(folders: dict[str, Path], build: Path) -> None:
    """Optimum's float32 export of both; keeps what the base's fixture does not have."""
    for name, exporter in EXPORTERS.items():
        export = build / f"{name}-openvino"
        export_openvino(folders[name], export, exporter)
        target = FIXTURES / name
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for part in STORED:
            if (export / part).is_dir():
                shutil.copytree(export / part, target / part)
            else:
                shutil.copy(export / part, target / part)


def assemble(name: str, target: Path) -> Path:
    """A whole folder of OpenVINO IR from what is stored and what is shared."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(FIXTURES / name, target)
    for part in SHARED.get(name, []):
        shutil.copytree(FIXTURES / "tiny-sdxl" / part, target / part)
    return target


def load_models(folders: dict[str, Path]) -> dict[str, DiffusionPipeline]:
    """Each model as the pipeline that its model_index.json names."""
    pipelines = {name: DiffusionPipeline.from_pretrained(folder, add_watermarker=False) for name, folder in folders.items()}
    for pipeline in pipelines.values():
        pipeline.set_progress_bar_config(disable=True)
    return pipelines
