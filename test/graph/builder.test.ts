import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../../src/graph/builder.ts";

describe("a builder", () => {
  it("numbers nodes, connects them and infers types", () => {
    const builder = new GraphBuilder("net");
    const ids = builder.parameter("ids", "i64", [-1, 77]);
    const table = builder.f32([1, 2, 3, 4], "table", [2, 2]);
    const rows = builder.add("Gather", [table, ids, builder.i64(0)], { batch_dims: 0 }, "rows");
    const [first, second] = builder.addMany(
      "VariadicSplit",
      [rows, builder.i64(-1), builder.i64([1, 1])],
      {},
      2,
    );
    builder.result(first, "first");
    builder.result(builder.add("ShapeOf", [second], { output_type: "i64" }), "shape");
    const { nodes, version } = builder.build();
    expect(version).toBe(11);
    expect(
      nodes.map(({ type, inputs }) => [type, ...inputs.map((input) => `${input?.node}.${input?.output}`)]),
    ).toEqual([
      ["Parameter"],
      ["Const"],
      ["Const"],
      ["Gather", "1.0", "0.0", "2.0"],
      ["Const"],
      ["Const"],
      ["VariadicSplit", "3.0", "4.0", "5.0"],
      ["Result", "6.0"],
      ["ShapeOf", "6.1"],
      ["Result", "8.0"],
    ]);
    expect(nodes.map(({ outputs }) => outputs.map(({ type }) => type).join())).toEqual([
      "i64",
      "f32",
      "i64",
      "f32",
      "i64",
      "i64",
      "f32,f32",
      "",
      "i64",
      "",
    ]);
    expect(nodes[0]?.attributes).toEqual({ shape: "?,77", element_type: "i64" });
    expect(nodes[6]?.outputs.map(({ names }) => names)).toEqual([["first"], []]);
  });

  it("writes attributes as IR does", () => {
    const builder = new GraphBuilder("net");
    const x = builder.parameter("x", "f32", [1, 1, 8, 8]);
    const kernel = builder.f32(new Float32Array(9), "kernel", [1, 1, 3, 3]);
    builder.add(
      "Convolution",
      [x, kernel],
      { strides: [2, 2], dilations: [1, 1], pads_begin: [0, 0], pads_end: [1, 1], auto_pad: "explicit" },
      "conv",
    );
    builder.add("MVN", [x, builder.i64([-1])], {
      eps: 1e-5,
      normalize_variance: true,
      eps_mode: "INSIDE_SQRT",
    });
    builder.add("Divide", [x, x], {});
    const { nodes } = builder.build();
    expect(nodes.filter(({ inputs }) => inputs.length > 0).map(({ attributes }) => attributes)).toEqual([
      { strides: "2, 2", dilations: "1, 1", pads_begin: "0, 0", pads_end: "1, 1", auto_pad: "explicit" },
      { eps: "0.00001", normalize_variance: "true", eps_mode: "INSIDE_SQRT" },
      { auto_broadcast: "numpy", m_pythondiv: "false" },
    ]);
  });

  it("does not compile with a misspelt attribute, a missing one, or a wrong number of inputs", () => {
    const builder = new GraphBuilder("net");
    const x = builder.parameter("x", "f32", [1, 4]);
    const built = () => {
      // @ts-expect-error epsilon is GroupNormalization's name of it
      builder.add("MVN", [x, x], { epsilon: 1e-5, normalize_variance: true, eps_mode: "INSIDE_SQRT" });
      // @ts-expect-error transpose_b is missing
      builder.add("MatMul", [x, x], { transpose_a: false });
      // @ts-expect-error a sum has two terms
      builder.add("Add", [x], {});
      // @ts-expect-error no such operation
      builder.add("Softmax", [x], { axis: 1 });
    };
    expect(built).not.toThrow();
  });

  it("refuses two tensors of one name, and data that do not fit", () => {
    const builder = new GraphBuilder("net");
    builder.parameter("x", "f32", [1]);
    expect(() => builder.parameter("x", "f32", [1])).toThrow('Two tensors of the graph have the name "x".');
    const data = { kind: "held", bytes: new Uint8Array(15) } as const;
    expect(() => builder.constant("f32", [2, 2], data, "w")).toThrow(
      'The constant "w" of type f32 and shape [2,2] takes 16 bytes, not 15.',
    );
  });

  it("takes two 4-bit values a byte", () => {
    const data = { kind: "held", bytes: new Uint8Array(5) } as const;
    expect(new GraphBuilder("net").constant("i4", [3, 3], data).type).toBe("i4");
  });
});
