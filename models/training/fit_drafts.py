"""Finds the exact figure that each draft means: the picture a refiner should make of it.

python fit_drafts.py --base ../limner-tiny --out /path/to/work

Needs `drafts.pt`. Writes `fits.pt`: a Figure for each draft, or None where the draft shows no such
figure. Goes on where it stopped, as more drafts come.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import openvino as ov
import torch

from draw import SIDE, Figure, coverage, signed_distance
from draw_drafts import draft_scene
from grammar import COLORS, GRAMMAR, Scene

COARSE = SIDE // 2  # the fit looks at every other pixel
RAMP = 3.0  # width of the edge while fitting, in coarse pixels: drafts are soft
ROUNDS = 4
FARTHEST_TURN = GRAMMAR["jitter"]["rotation"]
LEAST_OVERLAP = 0.75
ROUND_SHAPES = ("circle", "ring")  # no turn to find


def soft_coverage(shape: str, at: np.ndarray) -> np.ndarray:
    """Coverage `[COARSE, COARSE]` with wide edges, of a figure at (x, y, extent, degrees)."""
    row, column = np.mgrid[0:COARSE, 0:COARSE].astype(np.float32) + 0.5
    x, y = (column - at[0]) / at[2], (at[1] - row) / at[2]
    c, s = np.cos(np.radians(at[3])), np.sin(np.radians(at[3]))
    return np.clip(0.5 - at[2] * signed_distance(shape, c * x + s * y, c * y - s * x) / RAMP, 0, 1)


def start(shape: str, share: np.ndarray) -> np.ndarray:
    """Where the shape has the share's center and area."""
    row, column = np.mgrid[0:COARSE, 0:COARSE] + 0.5

    def moments(cover: np.ndarray) -> tuple[float, float, float]:
        area = max(float(cover.sum()), 1.0)
        return (column * cover).sum() / area, (row * cover).sum() / area, area

    x, y, area = moments(share)
    middle, extent = COARSE / 2, COARSE / 4
    mx, my, reference = moments(soft_coverage(shape, np.array([middle, middle, extent, 0.0])))
    scale = np.sqrt(area / reference)
    return np.array([x - (mx - middle) * scale, y - (my - middle) * scale, extent * scale, 0.0])


def settle(shape: str, share: np.ndarray) -> np.ndarray:
    """(x, y, extent, degrees) in coarse pixels, by damped least squares from the start."""
    at = start(shape, share)
    steps = np.array([0.25, 0.25, 0.25, 1.0])
    free = 3 if shape in ROUND_SHAPES else 4
    for _ in range(ROUNDS):
        here = soft_coverage(shape, at)
        slopes = [(soft_coverage(shape, at + steps * np.eye(4)[k]) - here).ravel() for k in range(free)]
        slopes = np.stack(slopes, axis=1)
        damped = slopes.T @ slopes + 1e-3 * np.eye(free) * slopes.shape[0] / 1000
        move = np.linalg.solve(damped, slopes.T @ (share - here).ravel())
        at[:free] += np.clip(move, -4, 4) * steps[:free]
        at[2] = np.clip(at[2], COARSE * 0.15, COARSE * 0.42)
        at[3] = np.clip(at[3], -FARTHEST_TURN, FARTHEST_TURN)
    return at


def paint_like(seen: np.ndarray, name: str) -> np.ndarray:
    """The color seen, moved into what training pictures show of the named one."""
    middle, jitter = np.array(GRAMMAR["palette"][name], dtype=np.float64), GRAMMAR["jitter"]["color"]
    return np.clip(np.clip(seen, middle - jitter, middle + jitter), 0, 255)


def is_near(seen: np.ndarray, name: str) -> bool:
    """Whether the palette's nearest color is the named one."""
    distances = [np.linalg.norm(seen - np.array(GRAMMAR["palette"][c], dtype=np.float64)) for c in COLORS]
    return COLORS[int(np.argmin(distances))] == name


def fit(picture: np.ndarray, scene: Scene) -> Figure | None:
    """The scene's figure where the draft `[SIDE, SIDE, 3]` shows it."""
    pixels = picture.reshape(COARSE, 2, COARSE, 2, 3).mean((1, 3))
    frame = np.concatenate([pixels[:2].reshape(-1, 3), pixels[-2:].reshape(-1, 3), pixels[:, :2].reshape(-1, 3)])
    ground = np.median(frame, axis=0)
    away = np.linalg.norm(pixels - ground, axis=-1)
    strong = away > 0.7 * np.percentile(away, 98)
    color = np.median(pixels[strong], axis=0)
    if not (is_near(ground, scene.background) and is_near(color, scene.color)):
        return None
    share = np.clip((pixels - ground) @ (color - ground) / ((color - ground) ** 2).sum(), 0, 1)
    at = settle(scene.shape, share)
    cover = coverage(scene.shape, (at[0], at[1]), at[2], at[3], COARSE)
    if np.minimum(cover, share).sum() / np.maximum(cover, share).sum() < LEAST_OVERLAP:
        return None
    paints = paint_like(color, scene.color), paint_like(ground, scene.background)
    return Figure(scene.shape, (2 * at[0], 2 * at[1]), 2 * at[2], at[3], *paints)


def decoder(base: Path):
    """Latents `[n, 4, 16, 16]` to bytes `[n, SIDE, SIDE, 3]`, by the base's decoder."""
    compiled = ov.Core().compile_model(base / "vae_decoder" / "openvino_model.xml", "CPU")
    config = json.loads((base / "vae_decoder" / "config.json").read_text(encoding="utf-8"))

    def decode(latents: torch.Tensor) -> np.ndarray:
        pixels = compiled(latents.float().numpy() / config["scaling_factor"])[0].transpose(0, 2, 3, 1)
        return np.round(np.clip(pixels * 127.5 + 127.5, 0, 255)).astype(np.uint8)

    return decode


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    target = options.out / "fits.pt"
    fits = torch.load(target, weights_only=False) if target.exists() else []
    drafts = torch.load(options.out / "drafts.pt")
    decode = decoder(options.base)
    for first in range(len(fits), len(drafts["seeds"]), 24):
        seeds = drafts["seeds"][first : first + 24]
        pictures = decode(drafts["latents"][first : first + 24, -1])
        fits += [fit(p, draft_scene(seed)) for p, seed in zip(pictures, seeds)]
    torch.save(fits, target)
    print(len(fits), "drafts,", sum(f is not None for f in fits), "fitted")


if __name__ == "__main__":
    main()
