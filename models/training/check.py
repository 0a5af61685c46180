"""Says what a picture shows, without any network: colors by nearest palette entry, shape by overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from draw import SIDE, coverage
from grammar import COLORS, GRAMMAR, SHAPES, Scene

FARTHEST_COLOR = 25.0  # in Lab; the palette's closest two are 42 apart
LEAST_OVERLAP = 0.7
LARGE_FROM = sum((GRAMMAR["sizes"]["small"][1], GRAMMAR["sizes"]["large"][0])) / 2


@dataclass(frozen=True)
class Seen:
    """What was recognized; None where nothing fits."""

    shape: str | None
    color: str | None
    background: str | None
    size: str | None
    overlap: float

    def matches(self, scene: Scene, named_size: bool) -> bool:
        """Whether this is the scene; a size the caption does not name is not asked for."""
        same = (self.shape, self.color, self.background) == (scene.shape, scene.color, scene.background)
        return same and (not named_size or self.size == scene.size)


def to_lab(rgb: np.ndarray) -> np.ndarray:
    """sRGB bytes `[..., 3]` as CIE Lab (D65)."""
    c = np.asarray(rgb, dtype=np.float64) / 255
    c = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = c @ matrix.T / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


_PALETTE = np.stack([to_lab(GRAMMAR["palette"][c]) for c in COLORS])


def name_color(lab: np.ndarray) -> str | None:
    """The palette's nearest color, if it is near."""
    distances = np.linalg.norm(_PALETTE - lab, axis=-1)
    return COLORS[int(distances.argmin())] if distances.min() <= FARTHEST_COLOR else None


def _centroid(cover: np.ndarray) -> tuple[float, float, float]:
    """Center (x, y) and area in pixels."""
    area = float(cover.sum())
    rows, columns = np.mgrid[0 : cover.shape[0], 0 : cover.shape[1]] + 0.5
    return float((columns * cover).sum() / area), float((rows * cover).sum() / area), area


_REFERENCE_EXTENT = 40.0
_REFERENCE = {s: _centroid(coverage(s, (SIDE / 2, SIDE / 2), _REFERENCE_EXTENT, 0)) for s in SHAPES}


def best_shape(mask: np.ndarray) -> tuple[str, float, float]:
    """The shape that overlaps most when laid on the mask's center with its area: name, overlap, extent."""
    x, y, area = _centroid(mask)
    found = ("", 0.0, 0.0)
    for shape in SHAPES:
        rx, ry, reference_area = _REFERENCE[shape]
        scale = np.sqrt(area / reference_area)
        center = (x - (rx - SIDE / 2) * scale, y - (ry - SIDE / 2) * scale)
        for turn in (-4.0, 0.0, 4.0):
            cover = coverage(shape, center, _REFERENCE_EXTENT * scale, turn)
            overlap = float(np.minimum(cover, mask).sum() / np.maximum(cover, mask).sum())
            if overlap > found[1]:
                found = (shape, overlap, _REFERENCE_EXTENT * scale)
    return found


def look_at(picture: np.ndarray) -> Seen:
    """What the picture `[SIDE, SIDE, 3]` shows."""
    lab = to_lab(picture)
    border = np.concatenate([lab[:4].reshape(-1, 3), lab[-4:].reshape(-1, 3), lab[:, :4].reshape(-1, 3)])
    background = np.median(border, axis=0)
    away = np.linalg.norm(lab - background, axis=-1)
    strong = away > 0.5 * np.percentile(away, 98)
    if np.percentile(away, 98) < 12:
        return Seen(None, None, name_color(background), None, 0.0)
    figure = np.median(lab[strong], axis=0)
    mask = (np.linalg.norm(lab - figure, axis=-1) < away).astype(np.float64)
    shape, overlap, extent = best_shape(mask)
    return Seen(
        shape if overlap >= LEAST_OVERLAP else None,
        name_color(figure),
        name_color(background),
        "large" if extent > LARGE_FROM * SIDE else "small",
        overlap,
    )
