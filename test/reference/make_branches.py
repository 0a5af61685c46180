"""Writes test/fixtures/graph/branches.xml and .bin: an If inside a model with a Loop, each with constants of its own.

Prints what OpenVINO computes with it; test/graph/ir/roundTrip.test.ts has the numbers.
"""

from pathlib import Path

import numpy as np
import openvino as ov
import openvino.opset13 as ops

TARGET = Path(__file__).resolve().parents[1] / "fixtures" / "graph" / "branches.xml"


def branches() -> ov.Model:
    x = ops.parameter([-1], np.float32, name="x")
    condition = ops.parameter([], np.bool_, name="cond")
    inside = [ops.parameter([-1], np.float32) for _ in range(2)]
    then_body = ov.Model([ops.multiply(inside[0], np.array([3], np.float32))], [inside[0]], "then")
    else_body = ov.Model([ops.add(inside[1], np.array([7], np.float32))], [inside[1]], "else")
    branch = ops.if_op(condition)
    branch.set_then_body(then_body)
    branch.set_else_body(else_body)
    branch.set_input(x.output(0), *inside)
    chosen = branch.set_output(then_body.results[0], else_body.results[0])

    counter = ops.parameter([], np.int64)
    value = ops.parameter([-1], np.float32)
    added = ops.add(value, np.array([2], np.float32))
    body = ov.Model([added, ops.constant(np.array(True))], [counter, value], "body")
    loop = ops.loop(ops.constant(np.int64(4)), ops.constant(np.array(True)))
    loop.set_function(body)
    loop.set_special_body_ports([0, 1])
    loop.set_merged_input(value, chosen, added.output(0))
    model = ov.Model([loop.get_iter_value(added.output(0), -1)], [x, condition], "branches")
    model.set_rt_info("kept & <safe>", ["user", "note"])
    model.outputs[0].set_names({"out,put"})
    return model


model = branches()
TARGET.parent.mkdir(parents=True, exist_ok=True)
ov.save_model(model, TARGET, compress_to_fp16=False)
compiled = ov.compile_model(model, "CPU")
for condition in (True, False):
    print(condition, compiled({"x": np.array([1, 2], np.float32), "cond": np.array(condition)})[0])
