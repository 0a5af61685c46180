"""Arrays and JSON as the tests read them: little-endian .npy in C order, and JSON numbers that round-trip float32."""

import hashlib
import json
from pathlib import Path

import numpy as np
import torch


def to_numpy(value: torch.Tensor | np.ndarray) -> np.ndarray:
    array = value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else value
    return np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<")))


def save_array(path: Path, value: torch.Tensor | np.ndarray) -> str:
    """Writes an array and returns its file name, for the index."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, to_numpy(value))
    return path.name


def sha256(value: torch.Tensor | np.ndarray) -> str:
    return hashlib.sha256(to_numpy(value).tobytes()).hexdigest()


def numbers(value: torch.Tensor | np.ndarray) -> list:
    """The shortest decimals that read back as the same float32."""
    array = to_numpy(value)
    if array.dtype.kind in "iu":
        return array.tolist()
    return json.loads(json.dumps([float(str(item)) for item in array.astype(np.float32).ravel()]))


def write_index(path: Path, value: dict) -> None:
    """JSON with one entry of each list a line, so that a change shows as one line of a diff."""
    sections = []
    for key, item in value.items():
        if isinstance(item, list):
            rows = ",\n".join("    " + json.dumps(row, ensure_ascii=True) for row in item)
            sections.append(f"  {json.dumps(key)}: [\n{rows}\n  ]")
        else:
            sections.append(f"  {json.dumps(key)}: {json.dumps(item, ensure_ascii=True)}")
    path.write_text("{\n" + ",\n".join(sections) + "\n}\n", encoding="utf-8")
