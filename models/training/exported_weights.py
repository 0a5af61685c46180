"""Reads an exported network's weights back, by the names that PyTorch gave them.

Optimum Intel keeps the names of most weights. Biases and the scales of layer norms lose theirs, but
not the operation that uses them, which is named after its module.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import openvino as ov
import torch

MODULE = re.compile(r"^__module\.(?P<module>.+)/aten::(?P<kind>_convolution|linear|layer_norm|group_norm)/")


def constant_of(source) -> np.ndarray | None:
    """The constant behind an operation's input, if there is one."""
    node = source.get_source_output().get_node()
    while node.get_type_name() in ("Convert", "Reshape"):
        node = node.input_value(0).get_node()
    return node.get_data() if node.get_type_name() == "Constant" else None


def found_in(model: ov.Model) -> dict[str, np.ndarray]:
    """Everything in the graph that has a name or is scaled with or added by an operation of a named module."""
    found: dict[str, np.ndarray] = {}
    for node in model.get_ordered_ops():
        name, kind = node.get_friendly_name(), node.get_type_name()
        if kind == "Constant" and name.startswith("self."):
            found[name.removeprefix("self.").removesuffix("_compressed")] = node.get_data()
        module = MODULE.match(name)
        if not module or kind not in ("Add", "Multiply"):
            continue
        for source in node.inputs():
            constant = constant_of(source)
            if constant is not None and constant.size > 1:
                part = "bias" if kind == "Add" else "weight"
                found.setdefault(f"{module['module']}.{part}", constant)
    return found


def read_weights(file: Path, like: dict[str, torch.Tensor], prefix: str = "") -> dict[str, torch.Tensor]:
    """
    The weights of an IR in single precision, by the names of a network's state; `prefix` stands before them in the IR.
    Raises KeyError where one is missing.
    """
    found = found_in(ov.Core().read_model(file))
    read = {name: torch.from_numpy(np.array(found[prefix + name], dtype=np.float32)) for name in like}
    return {name: tensor.flatten() if like[name].dim() == 1 else tensor for name, tensor in read.items()}
