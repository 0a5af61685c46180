"""What NNCF makes of the weights of an OpenVINO model: bytes of weights, zero points and scales, layer by layer."""

import hashlib
from pathlib import Path

import nncf
import numpy as np
import openvino as ov
from nncf.quantization.advanced_parameters import AdvancedCompressionParameters, GroupSizeFallbackMode

IGNORE, ADJUST = GroupSizeFallbackMode.IGNORE, GroupSizeFallbackMode.ADJUST
SYM, ASYM = nncf.CompressWeightsMode.INT4_SYM, nncf.CompressWeightsMode.INT4_ASYM


def group_wise(mode: nncf.CompressWeightsMode, group: int, fallback: GroupSizeFallbackMode, smallest: int = 32, **more) -> dict:
    """Settings of a 4-bit mode. fallback: what becomes of a layer that the group does not divide."""
    advanced = AdvancedCompressionParameters(group_size_fallback_mode=fallback, min_adjusted_group_size=smallest)
    return {"mode": mode, "group_size": group, "ratio": 1.0, "advanced_parameters": advanced, **more}


MODES = {
    "int8_asym": {"mode": nncf.CompressWeightsMode.INT8_ASYM},
    "int4_sym_8": group_wise(SYM, 8, ADJUST),
    "int4_sym_8_all_layers": group_wise(SYM, 8, ADJUST, all_layers=True),
    "int4_sym_16": group_wise(SYM, 16, ADJUST),
    "int4_sym_16_smallest_8": group_wise(SYM, 16, ADJUST, smallest=8),
    "int4_sym_16_ignore": group_wise(SYM, 16, IGNORE),
    "int4_asym_8": group_wise(ASYM, 8, ADJUST),
}


def constant_bytes(constant: ov.Node) -> bytes:
    """The bytes of a constant as they stand in a .bin file; four-bit values two to a byte, the first in the low half."""
    return np.ascontiguousarray(constant.data).tobytes()


def describe(constant: ov.Node) -> dict:
    data = constant_bytes(constant)
    bits = constant.get_element_type().bitwidth
    assert len(data) == (int(np.prod(constant.shape)) * bits + 7) // 8
    return {
        "type": constant.get_element_type().get_type_name(),
        "shape": list(constant.shape),
        "sha256": hashlib.sha256(data).hexdigest()[:16],
    }


def compressed_layers(model: ov.Model) -> list[tuple[dict, dict[str, ov.Node]]]:
    """Every layer with a weight, in graph order: a row of the index, and the constants that it speaks of."""
    layers, seen = [], set()
    for node in model.get_ordered_ops():
        kind = node.get_type_name()
        if kind not in ("MatMul", "Convolution", "Gather"):
            continue
        weight_input = 0 if kind == "Gather" else 1
        source = node.input(weight_input).get_source_output().get_node()
        chain, constants = [], {}
        while source.get_type_name() in ("Convert", "Multiply", "Subtract", "Reshape"):
            chain.append(source.get_type_name())
            if source.get_type_name() in ("Multiply", "Subtract"):
                side = source.input(1).get_source_output().get_node()
                while side.get_type_name() == "Convert":
                    side = side.input(0).get_source_output().get_node()
                constants["scale" if source.get_type_name() == "Multiply" else "zeroPoint"] = side
            source = source.input(0).get_source_output().get_node()
        name = source.get_friendly_name()
        if source.get_type_name() != "Constant" or len(source.shape) < 2 or name in seen:
            continue
        seen.add(name)
        constants["weight"] = source
        row = {"constant": name, "op": kind, "chain": list(reversed(chain))}
        row.update({key: describe(constants[key]) for key in ("weight", "zeroPoint", "scale") if key in constants})
        layers.append((row, constants))
    return layers


def settings(mode: str) -> dict:
    """A mode's settings in words, for the index."""
    plain = {key: str(value) for key, value in MODES[mode].items() if key != "advanced_parameters"}
    advanced = MODES[mode].get("advanced_parameters")
    if advanced:
        plain["group_size_fallback_mode"] = str(advanced.group_size_fallback_mode)
        plain["min_adjusted_group_size"] = str(advanced.min_adjusted_group_size)
    return plain


def compress(xml: Path, mode: str) -> ov.Model:
    return nncf.compress_weights(ov.Core().read_model(xml), **MODES[mode])
