"""Source pictures and masks for image to image and inpainting: smooth colors with some detail, all seeded."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SOURCES = {"source-64": (64, 64, 1), "other-64": (64, 64, 2), "source-96x64": (96, 64, 3), "source-128x96": (128, 96, 4)}


def source(width: int, height: int, seed: int) -> Image.Image:
    """A color gradient, two discs, a line and a little grain."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    waves = [128 + 90 * np.sin(x / width * random.uniform(2, 6) + y / height * random.uniform(2, 6) + phase) for phase in range(3)]
    picture = Image.fromarray(np.stack(waves, axis=-1).round().astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(2):
        left, top = random.uniform(0, width * 0.6), random.uniform(0, height * 0.6)
        extent = random.uniform(0.25, 0.4) * min(width, height)
        draw.ellipse((left, top, left + extent, top + extent), fill=tuple(int(value) for value in random.integers(0, 256, 3)))
    draw.line((0, height * 0.8, width, height * 0.3), fill=(20, 30, 40), width=2)
    grain = random.integers(-12, 13, (height, width, 3))
    return Image.fromarray(np.clip(np.asarray(picture).astype(int) + grain, 0, 255).astype(np.uint8))


def disc_mask(width: int, height: int) -> Image.Image:
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).ellipse((width * 0.3, height * 0.2, width * 0.85, height * 0.9), fill=255)
    return mask


def odd_mask(width: int, height: int) -> Image.Image:
    """A triangle with a hole, thin strokes that miss the sampled pixels, and grays on both sides of the threshold."""
    mask = Image.new("L", (width, height))
    draw = ImageDraw.Draw(mask)
    draw.polygon([(3, 5), (width - 30, 11), (21, height - 3)], fill=255)
    draw.rectangle((18, 14, 29, 25), fill=0)
    draw.line((width - 5, 1, width - 5, height - 2), fill=255, width=1)
    draw.rectangle((width - 28, height - 30, width - 17, height - 1), fill=127)
    draw.rectangle((width - 16, height - 30, width - 7, height - 1), fill=128)
    return mask


def box_mask(width: int, height: int, box: tuple[int, int, int, int]) -> Image.Image:
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).ellipse(box, fill=255)
    return mask


def write_pictures(folder: Path) -> None:
    pictures = {name: source(*arguments) for name, arguments in SOURCES.items()}
    disc = disc_mask(64, 64)
    pictures["mask-64"] = disc
    pictures["mask-64-blurred"] = disc.filter(ImageFilter.GaussianBlur(4))
    pictures["mask-96x64-odd"] = odd_mask(96, 64)
    pictures["mask-64-full"] = Image.new("L", (64, 64), 255)
    pictures["mask-128x96"] = box_mask(128, 96, (70, 30, 101, 52))
    pictures["mask-128x96-blurred"] = pictures["mask-128x96"].filter(ImageFilter.GaussianBlur(3))
    pictures["mask-128x96-corner"] = box_mask(128, 96, (96, 2, 126, 20))
    pictures["mask-128x96-wide"] = box_mask(128, 96, (6, 40, 121, 60))
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures.items():
        picture.save(folder / f"{name}.png", optimize=True)
