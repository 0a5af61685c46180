"""Makes the tiny IRs of test/openvino: python3 test/reference/make_contract_models.py

Each says one thing about the Runtime port: open dimensions, element types, scalars, constants, a long run.
"""

from pathlib import Path

import numpy as np
import openvino as ov
from openvino import opset13 as op

OUT = Path(__file__).parent.parent / "fixtures" / "openvino"


def parameter(name: str, shape: list[int], dtype: ov.Type):
    node = op.parameter(shape, dtype, name=name)
    node.output(0).set_names({name})
    return node


def save(name: str, outputs: dict, inputs: list) -> None:
    results = []
    for output_name, node in outputs.items():
        node.output(0).set_names({output_name})
        results.append(op.result(node))
    ov.save_model(ov.Model(results, inputs, name), OUT / f"{name}.xml", compress_to_fp16=False)
    weights = OUT / f"{name}.bin"
    if weights.stat().st_size == 0:
        weights.unlink()


def sum_of_two() -> None:
    """total = a + b, element by element, every dimension open."""
    a, b = parameter("a", [-1, -1], ov.Type.f32), parameter("b", [-1, -1], ov.Type.f32)
    save("sum", {"total": op.add(a, b)}, [a, b])


def integers() -> None:
    """next_ids = ids + 1 (i64), doubled = counts * 2 (i32), half = scale / 2 (an f32 scalar)."""
    ids, counts = parameter("ids", [-1], ov.Type.i64), parameter("counts", [-1], ov.Type.i32)
    scale = parameter("scale", [], ov.Type.f32)
    outputs = {
        "next_ids": op.add(ids, op.constant(np.int64(1))),
        "doubled": op.multiply(counts, op.constant(np.int32(2))),
        "half": op.divide(scale, op.constant(np.float32(2))),
    }
    save("integers", outputs, [ids, counts, scale])


def booleans() -> None:
    """inverse = not mask; chosen = mask ? 1 : -1 (f32)."""
    mask = parameter("mask", [-1], ov.Type.boolean)
    chosen = op.select(mask, op.constant(np.float32(1)), op.constant(np.float32(-1)))
    save("booleans", {"inverse": op.logical_not(mask), "chosen": chosen}, [mask])


def linear() -> None:
    """y = x · [[1, 2], [3, 4], [5, 6]]: the one with weights in its .bin."""
    x = parameter("x", [-1, 3], ov.Type.f32)
    weight = op.constant(np.array([[1, 2], [3, 4], [5, 6]], np.float32), name="weight")
    save("linear", {"y": op.matmul(x, weight, False, False)}, [x])


def slow() -> None:
    """200 products of a square matrix with itself, kept in range by tanh: as slow as the matrix is large."""
    x = parameter("x", [-1, -1], ov.Type.f32)
    y = x
    for _ in range(200):
        y = op.tanh(op.matmul(y, x, False, False))
    save("slow", {"y": y}, [x])


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for make in (sum_of_two, integers, booleans, linear, slow):
        make()
