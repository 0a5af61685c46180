"""Converts the tiny pipelines with `limner convert` and runs the folders in Optimum Intel and OpenVINO GenAI.

    python verify_converted.py [NAME...]

Build first (`npm run build`). Prints, for each pipeline and way of storing weights, how far Optimum Intel's pictures
from the converted folder are from diffusers' pictures of the same checkpoint, and whether GenAI draws from it; then
whether our tokenizers' graphs give the token numbers of those that openvino_tokenizers writes.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import openvino as ov
import openvino_genai
import torch
from diffusers import DiffusionPipeline
from openvino_tokenizers import convert_tokenizer
from optimum.intel import OVStableDiffusionXLImg2ImgPipeline, OVStableDiffusionXLInpaintPipeline, OVStableDiffusionXLPipeline
from PIL import Image
from tiny_pipelines import ROOT
from transformers import CLIPTokenizer

SOURCES = ROOT / "test/fixtures/convert"
FULL_PRECISION = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0"}
OPTIMUM = {
    "refiner-like": OVStableDiffusionXLImg2ImgPipeline,
    "inpaint": OVStableDiffusionXLInpaintPipeline,
}
# Latents of the tiny pipelines are as small as the VAE's levels allow.
SIZE = 64
TEXTS = [
    "a photo of a cat",
    "",
    "Hello, World! It's 42 degrees; naïve café 東京 🙂",
    "a  b\t c\nd",
    "((masterpiece)), best-quality:1.3 'quoted' don't we'll",
    "<|endoftext|> x <|startoftext|>",
    "x" * 300,
    "one two three four five six seven " * 20,
]


def convert(source: Path, out: Path, weights: str) -> None:
    command = ["node", str(ROOT / "bin/limner.mjs"), "convert", str(source), "--out", str(out), "--weights", weights]
    subprocess.run(command, check=True, capture_output=True)


def arguments(name: str) -> dict:
    """What every pipeline is asked for: a picture, from a picture and a mask where it takes them."""
    ramp = np.linspace(0, 255, SIZE * SIZE * 3, dtype=np.uint8).reshape(SIZE, SIZE, 3)
    given: dict = {"prompt": "a photo of a cat", "num_inference_steps": 3, "output_type": "np"}
    if name in OPTIMUM:
        given.update(image=Image.fromarray(ramp), strength=0.9)
    if name == "inpaint":
        given.update(mask_image=Image.fromarray(ramp[:, :, 0]))
    if name != "refiner-like":
        given.update(height=SIZE, width=SIZE)
    return given


def draw(pipeline, name: str) -> np.ndarray:
    pipeline.set_progress_bar_config(disable=True)
    return np.asarray(pipeline(**arguments(name), generator=torch.Generator().manual_seed(5)).images)


def genai(folder: Path, name: str) -> str:
    if name in ("refiner-like", "inpaint", "lcm"):
        return "-"
    pipeline = openvino_genai.Text2ImagePipeline(str(folder), "CPU", **FULL_PRECISION)
    picture = pipeline.generate("a photo of a cat", num_inference_steps=3, height=SIZE, width=SIZE).data
    return f"draws {picture.shape}, spread {picture.std():.0f}"


def tokens_agree(folder: Path, build: Path) -> bool:
    """Whether our graph of a tokenizer gives what openvino_tokenizers' own gives, ids and masks, padded or not."""
    build.mkdir(parents=True)
    tokenizer, detokenizer = convert_tokenizer(CLIPTokenizer.from_pretrained(folder), with_detokenizer=True)
    ov.save_model(tokenizer, build / "openvino_tokenizer.xml")
    ov.save_model(detokenizer, build / "openvino_detokenizer.xml")
    ours, theirs = openvino_genai.Tokenizer(str(folder)), openvino_genai.Tokenizer(str(build))
    for text in [*TEXTS, TEXTS]:
        for options in ({}, {"max_length": 77, "pad_to_max_length": True}):
            one, other = ours.encode(text, **options), theirs.encode(text, **options)
            same = np.array_equal(one.input_ids.data, other.input_ids.data)
            if not same or not np.array_equal(one.attention_mask.data, other.attention_mask.data):
                return False
    return all(ours.decode(ids) == theirs.decode(ids) for ids in ([5, 300, 7], [0, 1, 2, 400]))


def main() -> None:
    chosen = sys.argv[1:] or sorted(path.name for path in SOURCES.iterdir() if path.is_dir())
    with tempfile.TemporaryDirectory() as scratch:
        for name in chosen:
            source = SOURCES / name / "source"
            variant = "fp16" if name == "conv-projection" else None
            reference = draw(
                DiffusionPipeline.from_pretrained(source, torch_dtype=torch.float32, add_watermarker=False, variant=variant), name
            )
            for weights in ("fp32", "fp16", "int8"):
                folder = Path(scratch) / name / weights
                convert(source, folder, weights)
                pipeline_class = OPTIMUM.get(name, OVStableDiffusionXLPipeline)
                pipeline = pipeline_class.from_pretrained(folder, device="CPU", ov_config=FULL_PRECISION, add_watermarker=False)
                far = np.abs(draw(pipeline, name) - reference).max() * 255
                print(f"{name:16} {weights}: Optimum {far:6.2f}/255 from diffusers; GenAI {genai(folder, name)}", flush=True)
            for tokenizer in ("tokenizer", "tokenizer_2"):
                folder = Path(scratch) / name / "fp32" / tokenizer
                if folder.exists():
                    print(f"   {tokenizer}: same tokens {tokens_agree(folder, Path(scratch) / name / 'theirs' / tokenizer)}")


if __name__ == "__main__":
    main()
