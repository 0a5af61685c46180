"""Optimum Intel's float32 export of a diffusers folder, without traces of the machine that made it."""

import json
import re
import shutil
from pathlib import Path

from optimum.intel import OVStableDiffusionXLPipeline


def export_openvino(source: Path, target: Path, pipeline_class: type = OVStableDiffusionXLPipeline) -> None:
    pipeline = pipeline_class.from_pretrained(str(source), export=True, compile=False, load_in_8bit=False, local_files_only=True)
    shutil.rmtree(target, ignore_errors=True)
    pipeline.save_pretrained(target)
    for name in ("tokenizer", "tokenizer_2"):
        if (source / name).exists():
            shutil.rmtree(target / name, ignore_errors=True)
            shutil.copytree(source / name, target / name)
    for config in target.rglob("*.json"):
        remove_paths(config)
    for xml in target.rglob("*.xml"):
        text = xml.read_text(encoding="utf-8")
        xml.write_text(re.sub(r'value="/[^"]*"', 'value=""', text), encoding="utf-8")


def remove_paths(config: Path) -> None:
    """Drops _name_or_path and everything else that holds an absolute path."""
    value = json.loads(config.read_text(encoding="utf-8"))
    if isinstance(value, dict) and "_name_or_path" in value:
        value = {key: item for key, item in value.items() if key != "_name_or_path"}
        config.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
