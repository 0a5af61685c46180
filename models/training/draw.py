"""Draws the training pictures: flat figures on flat backgrounds, with smooth edges.

A figure is the set of points where its signed distance is negative. Distances are in units of the
figure's half-extent, y pointing up; within a pixel of the edge they become partial coverage.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

from grammar import GRAMMAR, Scene, draw_scene

SIDE: int = GRAMMAR["picture"]["width"]


def _polygon(x: np.ndarray, y: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Exact signed distance to a simple polygon `[corners, 2]`."""
    nearest = np.full_like(x, np.inf)
    inside = np.zeros(x.shape, dtype=bool)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0)):
        ex, ey = bx - ax, by - ay
        along = np.clip(((x - ax) * ex + (y - ay) * ey) / (ex * ex + ey * ey), 0, 1)
        nearest = np.minimum(nearest, (x - ax - along * ex) ** 2 + (y - ay - along * ey) ** 2)
        if ay != by:
            inside ^= ((ay > y) != (by > y)) & (x < ax + (y - ay) * ex / ey)
    return np.where(inside, -1.0, 1.0) * np.sqrt(nearest)


def _turn(count: int, radii: tuple[float, ...], start: float = 90.0) -> np.ndarray:
    """`count` corners counter-clockwise from `start` degrees, the radii taken in turn."""
    angles = np.radians(start + 360.0 * np.arange(count) / count)
    lengths = np.resize(np.array(radii), count)
    return np.stack([lengths * np.cos(angles), lengths * np.sin(angles)], axis=1)


def _heart_outline() -> np.ndarray:
    """The usual parametric heart, in the box [-1, 1]."""
    t = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    x = 16 * np.sin(t) ** 3
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return np.stack([x / 16, (y + 2.5) / 15.5], axis=1)


_ARM = 0.32
_OUTLINES = {
    "square": np.array([[-0.88, -0.88], [0.88, -0.88], [0.88, 0.88], [-0.88, 0.88]]),
    "triangle": np.array([[-1.0, -0.82], [1.0, -0.82], [0.0, 0.95]]),
    "diamond": np.array([[-0.8, 0.0], [0.0, -1.0], [0.8, 0.0], [0.0, 1.0]]),
    "star": _turn(10, (1.05, 0.45)),
    "heart": _heart_outline(),
    "cross": np.array(
        [[-_ARM, -1], [_ARM, -1], [_ARM, -_ARM], [1, -_ARM], [1, _ARM], [_ARM, _ARM],
         [_ARM, 1], [-_ARM, 1], [-_ARM, _ARM], [-1, _ARM], [-1, -_ARM], [-_ARM, -_ARM]]
    ),
}  # fmt: skip
_RING_HOLE = 0.55


def signed_distance(shape: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Signed distance to the figure of half-extent 1 around the origin."""
    if shape == "circle":
        return np.hypot(x, y) - 1
    if shape == "ring":
        return np.abs(np.hypot(x, y) - (1 + _RING_HOLE) / 2) - (1 - _RING_HOLE) / 2
    return _polygon(x, y, _OUTLINES[shape])


def coverage(shape: str, center: tuple[float, float], extent: float, degrees: float, side: int = SIDE) -> np.ndarray:
    """How much of each pixel `[side, side]` the figure covers. Center and extent are in pixels."""
    row, column = np.mgrid[0:side, 0:side].astype(np.float32) + 0.5
    x, y = (column - center[0]) / extent, (center[1] - row) / extent
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.clip(0.5 - extent * signed_distance(shape, c * x + s * y, c * y - s * x), 0, 1)


def _paint(rng: random.Random, color: str) -> np.ndarray:
    """The palette's color, very slightly off."""
    jitter = GRAMMAR["jitter"]["color"]
    return np.clip([v + rng.uniform(-jitter, jitter) for v in GRAMMAR["palette"][color]], 0, 255)


@dataclass(frozen=True)
class Figure:
    """One figure as it lies in a picture. Center and extent are in pixels, the colors in 0..255."""

    shape: str
    center: tuple[float, float]
    extent: float
    degrees: float
    color: np.ndarray
    background: np.ndarray


def render(figure: Figure) -> np.ndarray:
    """The figure on its ground as `[SIDE, SIDE, 3]` bytes, RGB."""
    cover = coverage(figure.shape, figure.center, figure.extent, figure.degrees)[..., None]
    return np.round(cover * figure.color + (1 - cover) * figure.background).astype(np.uint8)


def place(rng: random.Random, scene: Scene) -> Figure:
    """The scene's figure, somewhere that training pictures have it."""
    stray = GRAMMAR["jitter"]["center"][scene.size] * SIDE
    center = (SIDE / 2 + rng.uniform(-stray, stray), SIDE / 2 + rng.uniform(-stray, stray))
    extent = rng.uniform(*GRAMMAR["sizes"][scene.size]) * SIDE
    turn = rng.uniform(-GRAMMAR["jitter"]["rotation"], GRAMMAR["jitter"]["rotation"])
    return Figure(scene.shape, center, extent, turn, _paint(rng, scene.color), _paint(rng, scene.background))


def picture(rng: random.Random, scene: Scene) -> np.ndarray:
    """The scene as `[SIDE, SIDE, 3]` bytes, RGB."""
    return render(place(rng, scene))


def _one(seed: int) -> tuple[np.ndarray, Scene]:
    rng = random.Random(seed)
    scene = draw_scene(rng)
    return picture(rng, scene), scene


def training_set(count: int, seed: int) -> tuple[np.ndarray, list[Scene]]:
    """`count` training pictures `[count, SIDE, SIDE, 3]` and what they show; the same for the same seed."""
    drawn = [_one(k) for k in range(seed, seed + count)]
    return np.stack([p for p, _ in drawn]), [s for _, s in drawn]
