"""The grammar of the box model: which pictures exist, and the sentences that describe them.

Everything comes from `grammar.json`, which the accuracy check reads as well.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from pathlib import Path

GRAMMAR = json.loads((Path(__file__).parent / "grammar.json").read_text(encoding="utf-8"))
COLORS: list[str] = GRAMMAR["colors"]
SHAPES: list[str] = GRAMMAR["shapes"]
SIZES = ("small", "large")


@dataclass(frozen=True)
class Scene:
    """What a picture shows. `size` is always the size drawn, named in the caption or not."""

    shape: str
    color: str
    background: str
    size: str


def is_held_out(shape: str, color: str, background: str) -> bool:
    """Whether this triple is kept from training, to see what the model makes of a new combination."""
    rule = GRAMMAR["heldOut"]
    total = (
        rule["shape"] * SHAPES.index(shape)
        + rule["color"] * COLORS.index(color)
        + rule["background"] * COLORS.index(background)
    )
    return total % rule["modulus"] == rule["remainder"]


def all_triples() -> list[tuple[str, str, str]]:
    """Every (shape, color, background) whose figure can be told from its background."""
    return [(s, c, b) for s in SHAPES for c in COLORS for b in COLORS if c != b]


TRAINING_TRIPLES = [t for t in all_triples() if not is_held_out(*t)]
HELD_OUT_TRIPLES = [t for t in all_triples() if is_held_out(*t)]


def draw_scene(rng: random.Random, triples: list[tuple[str, str, str]] = TRAINING_TRIPLES) -> Scene:
    """One scene, all triples and both sizes being equally likely."""
    return Scene(*rng.choice(triples), rng.choice(SIZES))


def fill(template: str, scene: Scene, name_size: bool) -> str:
    """The template with the scene's words, and 'a' or 'an' as the next word asks."""
    text = (
        template.replace("{size}", f"{scene.size} " if name_size else "")
        .replace("{color}", scene.color)
        .replace("{shape}", scene.shape)
        .replace("{background}", scene.background)
    )
    return re.sub(r"\{a\} (\w)", lambda m: f"{'an' if m[1] in 'aeiou' else 'a'} {m[1]}", text)


def caption(rng: random.Random, scene: Scene) -> str:
    """A training caption of the scene: sometimes short of the size, the background or the color."""
    templates = GRAMMAR["captions"]["templates"]
    template = rng.choices(templates, [t["weight"] for t in templates])[0]["text"]
    return fill(template, scene, rng.random() < GRAMMAR["captions"]["sizeNamed"])


def test_captions(count: int, seed: int) -> list[tuple[str, Scene, bool]]:
    """`count` different captions over all triples, held-out ones included: caption, scene, size named."""
    rng = random.Random(seed)
    found: dict[str, tuple[str, Scene, bool]] = {}
    while len(found) < count:
        scene = draw_scene(rng, all_triples())
        named = rng.random() < GRAMMAR["captions"]["sizeNamed"]
        text = fill(GRAMMAR["captions"]["test"], scene, named)
        found.setdefault(text, (text, scene, named))
    return list(found.values())


def words() -> list[str]:
    """Every word a caption can hold."""
    fixed = re.findall(r"[a-z]+", re.sub(r"\{\w+\}", " ", " ".join(t["text"] for t in GRAMMAR["captions"]["templates"])))
    return sorted({*fixed, *COLORS, *SHAPES, *SIZES, "a", "an"})
