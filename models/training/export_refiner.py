"""Exports the refiner in Optimum Intel's layout: a UNet and a text encoder of eight-bit weights, and a decoder of its own. The rest is the base's, file by file.

python export_refiner.py --base ../limner-tiny --out /path/to/work --to ../limner-tiny-refiner
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import nncf
import openvino as ov
import torch
from diffusers import StableDiffusionXLImg2ImgPipeline, UNet2DConditionModel
from optimum.exporters.openvino import main_export
from optimum.intel import OVConfig
from transformers import CLIPTextModelWithProjection

from export import recommend, tidy
from networks import TIME_WIDTH, build_scheduler, read_tokenizer, write_json
from train_refiner import MENDED_SCORE
from train_refiner_decoder import decoder_of

OWN = ("unet", "text_encoder_2", "vae_decoder", "scheduler")
EIGHT_BIT = ("unet", "text_encoder_2")
SHARED = ("tokenizer_2", "vae_encoder")
SCORE_FACTOR = 6.0  # training makes little of the score; so much more is made of it here


@torch.no_grad()
def heed_score(unet: UNet2DConditionModel) -> UNet2DConditionModel:
    """Makes scores count SCORE_FACTOR times as much, the usual score of a prompt as much as before."""
    layer = unet.add_embedding.linear_1
    learned = layer.weight[:, -TIME_WIDTH:].clone()
    usual = unet.add_time_proj(torch.tensor([MENDED_SCORE])).flatten()
    layer.weight[:, -TIME_WIDTH:] = SCORE_FACTOR * learned
    layer.bias -= (SCORE_FACTOR - 1) * (learned @ usual)
    return unet


def pipeline_of(base: Path, out: Path) -> StableDiffusionXLImg2ImgPipeline:
    """The refiner as diffusers has it."""
    vae = decoder_of(base)
    vae.load_state_dict(torch.load(out / "refiner-decoder.pt", map_location="cpu")["network"])
    return StableDiffusionXLImg2ImgPipeline(
        vae=vae,
        text_encoder=None,
        text_encoder_2=CLIPTextModelWithProjection.from_pretrained(out / "refiner" / "text_encoder_2"),
        tokenizer=None,
        tokenizer_2=read_tokenizer(base / "tokenizer_2"),
        unet=heed_score(UNet2DConditionModel.from_pretrained(out / "refiner" / "unet")),
        scheduler=build_scheduler(),
        requires_aesthetics_score=True,
        force_zeros_for_empty_prompt=True,
        add_watermarker=False,
    )


def compress(file: Path) -> None:
    """Makes the weights of an IR eight-bit integers."""
    model = nncf.compress_weights(ov.Core().read_model(file), mode=nncf.CompressWeightsMode.INT8_SYM)
    part = file.with_name("compressed.xml")
    ov.save_model(model, part)
    for suffix in (".xml", ".bin"):
        part.with_suffix(suffix).replace(file.with_suffix(suffix))


def export(base: Path, out: Path, target: Path) -> None:
    """Runs Optimum Intel and keeps what is the refiner's own and the index; the rest is copied."""
    with tempfile.TemporaryDirectory() as scratch:
        pipeline_of(base, out).save_pretrained(Path(scratch) / "diffusers")
        exported = Path(scratch) / "exported"
        source = str(Path(scratch) / "diffusers")
        main_export(source, exported, task="image-to-image", ov_config=OVConfig(dtype="fp16"))
        for name in EIGHT_BIT:
            compress(exported / name / "openvino_model.xml")
        for name in OWN:
            shutil.rmtree(target / name, ignore_errors=True)
            shutil.copytree(exported / name, target / name)
        shutil.copy(exported / "model_index.json", target / "model_index.json")
    for name in SHARED:
        shutil.rmtree(target / name, ignore_errors=True)
        shutil.copytree(base / name, target / name)


def preview_as(base: Path, target: Path) -> None:
    """Takes the colors of previews from the base, whose latents the refiner works on."""
    read = lambda folder: json.loads((folder / "limner.json").read_text(encoding="utf-8"))
    write_json(target / "limner.json", {**read(target), "latentRgb": read(base)["latentRgb"]})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="the folder training worked in")
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--guidance", type=float, default=1.0)
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    export(options.base, options.out, options.to)
    tidy(options.to)
    recommend(options.to, options.guidance)
    preview_as(options.base, options.to)
    size = sum(p.stat().st_size for p in options.to.glob("**/*") if p.is_file())
    print(f"{size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
