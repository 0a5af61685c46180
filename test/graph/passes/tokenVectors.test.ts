// What the derived encoder computes is compared in test/conditioning/promptParity.test.ts.
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../../../src/graph/builder.ts";
import { nodesOfType } from "../../../src/graph/graph.ts";
import { readIr } from "../../../src/graph/ir/readIr.ts";
import { takeTokenVectors } from "../../../src/graph/passes/tokenVectors.ts";

const names = { vectors: "vectors", mask: "mask" };
const folder = "test/fixtures/tiny-sdxl";

describe("a text encoder that takes vectors in the place of tokens", () => {
  it.each(readdirSync(folder).filter((name) => name.startsWith("text_encoder")))(
    "has two more inputs behind the ids, and chooses where the table was read: %s",
    async (encoder) => {
      const graph = await readIr(`${folder}/${encoder}/openvino_model.xml`);
      const derived = takeTokenVectors(graph, 32, names);
      const inputs = nodesOfType(derived, "Parameter").map((node) => node.outputs[0]);
      expect(inputs.map((input) => [input?.names[0], input?.type, input?.shape])).toEqual([
        ["input_ids", "i64", [-1, -1]],
        ["vectors", "f32", [-1, -1, 32]],
        ["mask", "boolean", [-1, -1, 1]],
      ]);
      const [select] = nodesOfType(derived, "Select").filter(
        ({ id }) => !graph.nodes.some((node) => node.id === id),
      );
      const table = derived.nodes.find(({ id }) => id === select?.inputs[2]?.node);
      expect(table?.name).toContain("token_embedding");
      // Nothing but the choice reads the table's vectors now.
      const readers = derived.nodes.filter((node) =>
        node.inputs.some((source) => source?.node === table?.id),
      );
      expect(readers).toEqual([select]);
      expect(derived.nodes).toHaveLength(graph.nodes.length + 3);
      expect(nodesOfType(derived, "Const")).toEqual(nodesOfType(graph, "Const"));
    },
  );

  it("is refused where there are no ids, or no table for them", () => {
    const builder = new GraphBuilder("none");
    builder.result(builder.parameter("sample", "f32", [-1]), "out");
    expect(() => takeTokenVectors(builder.build(), 4, names)).toThrow("no input named input_ids");
    const other = new GraphBuilder("no table");
    other.result(other.parameter("input_ids", "i64", [-1, -1]), "out");
    expect(() => takeTokenVectors(other.build(), 4, names)).toThrow("looks its tokens up in no table");
  });
});
