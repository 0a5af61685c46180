"""Stores what Pillow and diffusers do with pictures and masks: resampling, blur, the region worth drawing, and pasting
back; and variations of noise as AUTOMATIC1111 mixes them.

    python make_image_fixtures.py
"""

import numpy as np
import torch
from diffusers.image_processor import VaeImageProcessor
from PIL import Image, ImageDraw
from stored_arrays import numbers, write_index
from tiny_pipelines import ROOT

TARGET = ROOT / "test/fixtures/images"
PROCESSOR = VaeImageProcessor()


def ellipse(width: int, height: int, box: tuple[int, int, int, int]) -> Image.Image:
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).ellipse(box, fill=255)
    return mask


def values(image: Image.Image) -> list[int]:
    return np.asarray(image).ravel().tolist()


def blurs() -> list[dict]:
    random = np.random.default_rng(5)
    pictures = [
        ellipse(24, 17, (5, 3, 15, 12)),
        Image.fromarray(random.integers(0, 256, (9, 13), dtype=np.uint8)),
        Image.fromarray(np.full((6, 5), 255, dtype=np.uint8)),
    ]
    return [
        {
            "width": picture.width,
            "height": picture.height,
            "radius": radius,
            "mask": values(picture),
            "blurred": values(PROCESSOR.blur(picture, radius)),
        }
        for picture in pictures
        for radius in (0.4, 1, 2.5, 4, 12, 33)
    ]


def regions() -> list[dict]:
    boxes = [
        (96, 64, (40, 20, 60, 40)),
        (96, 64, (0, 0, 9, 50)),
        (96, 64, (80, 55, 95, 63)),
        (96, 64, (1, 30, 94, 33)),
        (64, 96, (20, 70, 61, 75)),
        (33, 47, (3, 5, 30, 44)),
    ]
    sizes = [(64, 64), (128, 96), (96, 128), (64, 192), (57, 31)]
    return [
        {
            "width": width,
            "height": height,
            "box": box,
            "drawn": drawn,
            "padding": padding,
            "region": PROCESSOR.get_crop_region(rectangle(width, height, box), *drawn, pad=padding),
        }
        for width, height, box in boxes
        for drawn in sizes
        for padding in (0, 3, 32)
    ]


def rectangle(width: int, height: int, box: tuple[int, int, int, int]) -> Image.Image:
    """The pixels from the first corner to the second, both included."""
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).rectangle(box, fill=255)
    return mask


def overlays() -> list[dict]:
    random = np.random.default_rng(6)
    original = Image.fromarray(random.integers(0, 256, (10, 16, 3), dtype=np.uint8))
    levels = Image.fromarray(np.minimum(np.arange(160) * 2, 255).astype(np.uint8).reshape(10, 16))
    inner = Image.new("L", (16, 10))
    inner.paste(levels.crop((0, 4, 6, 8)), (5, 2))
    whole = Image.fromarray(random.integers(0, 256, (10, 16, 3), dtype=np.uint8))
    part = Image.fromarray(random.integers(0, 256, (4, 6, 3), dtype=np.uint8))
    return [
        {
            "original": values(original),
            "mask": values(mask),
            "drawn": values(drawn),
            "region": region,
            "result": values(PROCESSOR.apply_overlay(mask, original, drawn, region)),
        }
        for mask, drawn, region in ((levels, whole, None), (inner, part, (5, 2, 11, 6)))
    ]


def resamplings() -> list[dict]:
    random = np.random.default_rng(7)
    sizes = [((9, 7), (12, 10)), ((9, 7), (5, 3)), ((12, 8), (5, 11)), ((6, 12), (13, 5)), ((10, 10), (4, 10))]
    pictures = []
    for channels, mode in ((3, "RGB"), (4, "RGBA")):
        for (width, height), target in sizes:
            picture = Image.fromarray(random.integers(0, 256, (height, width, channels), dtype=np.uint8), mode)
            resized = picture.resize(target, Image.Resampling.LANCZOS)
            pictures.append(
                {
                    "width": width,
                    "height": height,
                    "channels": channels,
                    "data": values(picture),
                    "target": target,
                    "resampled": values(resized),
                }
            )
    return pictures


def slerp(strength: float, low: torch.Tensor, high: torch.Tensor) -> torch.Tensor:
    """The formula of AUTOMATIC1111's modules/rng.py, for noise of [channels, height, width]."""
    cosine = (low / low.norm(dim=1, keepdim=True) * (high / high.norm(dim=1, keepdim=True))).sum(1)
    angle = torch.acos(cosine)
    first = (torch.sin((1 - strength) * angle) / torch.sin(angle)).unsqueeze(1)
    return first * low + (torch.sin(strength * angle) / torch.sin(angle)).unsqueeze(1) * high


def variations() -> list[dict]:
    shape = (4, 6, 5)
    first, second = (torch.randn(shape, generator=torch.Generator().manual_seed(seed)) for seed in (314, 271))
    return [
        {"shape": [1, *shape], "seeds": [314, 271], "strength": strength, "noise": numbers(slerp(strength, first, second))}
        for strength in (0.1, 0.5, 0.85)
    ]


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    write_index(TARGET / "masks.json", {"blurs": blurs(), "regions": regions(), "overlays": overlays()})
    write_index(TARGET / "resampled.json", {"pictures": resamplings()})
    write_index(TARGET / "variations.json", {"variations": variations()})


if __name__ == "__main__":
    main()
