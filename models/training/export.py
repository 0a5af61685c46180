"""Exports the diffusers pipeline to OpenVINO IR with half precision weights, in Optimum Intel's layout.

python export.py --out /path/to/work --to ../limner-tiny --guidance 4
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import tempfile
from pathlib import Path

from optimum.exporters.openvino import main_export
from optimum.intel import OVConfig

from grammar import GRAMMAR
from networks import write_json, write_tokenizers

SUBMODELS = ("text_encoder", "text_encoder_2", "unet", "vae_encoder", "vae_decoder")
# Keys that hold where a model was loaded from, on the machine that exported it.
LOCAL_KEYS = ("_name_or_path", "name_or_path")


def export(pipeline: Path, target: Path) -> None:
    """Runs Optimum Intel, then keeps the submodels, the scheduler and the index."""
    with tempfile.TemporaryDirectory() as scratch:
        main_export(str(pipeline), scratch, task="text-to-image", ov_config=OVConfig(dtype="fp16"))
        for name in (*SUBMODELS, "scheduler"):
            shutil.rmtree(target / name, ignore_errors=True)
            shutil.copytree(Path(scratch) / name, target / name)
        shutil.copy(Path(scratch) / "model_index.json", target / "model_index.json")


def without_local_keys(value: object) -> object:
    """The JSON value without the keys that name local paths."""
    if isinstance(value, dict):
        return {k: without_local_keys(v) for k, v in value.items() if k not in LOCAL_KEYS}
    return value


def tidy(target: Path) -> None:
    """Takes local paths out of configurations, and conversion records out of the IR's `rt_info`."""
    for path in target.glob("**/*.json"):
        if path.parent.name not in ("tokenizer", "tokenizer_2"):
            write_json(path, without_local_keys(json.loads(path.read_text(encoding="utf-8"))))
    for path in target.glob("*/openvino_model.xml"):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"\n\s*<conversion_parameters>.*?</conversion_parameters>", "", text, flags=re.DOTALL)
        path.write_text(text, encoding="utf-8")


def recommend(target: Path, guidance: float) -> None:
    """Writes `limner.json`: what this model is best drawn with."""
    recommendation = {
        "name": target.resolve().name,
        "steps": 20,
        "guidanceScale": guidance,
        "scheduler": "euler",
        "width": GRAMMAR["picture"]["width"],
        "height": GRAMMAR["picture"]["height"],
    }
    write_json(target / "limner.json", recommendation)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True, help="the folder training worked in")
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--guidance", type=float, default=4.0)
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    export(options.out / "pipeline", options.to)
    write_tokenizers(options.to)
    tidy(options.to)
    recommend(options.to, options.guidance)
    size = sum(p.stat().st_size for p in options.to.glob("**/*") if p.is_file())
    print(f"{size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
