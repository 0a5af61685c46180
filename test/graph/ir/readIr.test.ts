import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { GraphError } from "../../../src/graph/graphError.ts";
import { readIr } from "../../../src/graph/ir/readIr.ts";
import { temporaryFolder } from "../support/inference.ts";

const parameter = `<layer id="0" name="x" type="Parameter" version="opset1"><data shape="?,2" element_type="f32"/>
  <output><port id="0" precision="FP32" names="x,with\\,comma"><dim>-1</dim><dim>2</dim></port></output></layer>`;
const constant = `<layer id="1" name="w" type="Const" version="opset1"><data element_type="f32" shape="2" offset="4" size="8"/>
  <output><port id="0" precision="FP32"><dim>2</dim></port></output></layer>`;
const sum = `<layer id="2" name="sum" type="Add" version="opset1"><data auto_broadcast="numpy"/>
  <input><port id="0" precision="FP32"/><port id="1" precision="FP32"/></input>
  <output><port id="2" precision="FP32"/></output></layer>`;
const result = `<layer id="3" name="y" type="Result" version="opset1" output_names="y"><input><port id="0"/></input></layer>`;
const edges = `<edge from-layer="0" from-port="0" to-layer="2" to-port="0"/><edge from-layer="1" from-port="0" to-layer="2" to-port="1"/>
  <edge from-layer="2" from-port="2" to-layer="3" to-port="0"/>`;
const document = `<?xml version="1.0"?>
<net name="sum" version="11"><layers>${parameter}${constant}${sum}${result}</layers><edges>${edges}</edges><rt_info/></net>`;

/** Reads a document whose `.bin` has 12 bytes. */
function read(text: string | Uint8Array, bin: Uint8Array | undefined = new Uint8Array(12)) {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, "m.xml"), text);
  if (bin) writeFileSync(path.join(folder, "m.bin"), bin);
  return readIr(path.join(folder, "m.xml"));
}

const replaced = (from: string, to: string) => {
  if (!document.includes(from)) throw new Error(`${from} is not in the document`);
  return document.replace(from, to);
};

describe("an IR", () => {
  it("becomes nodes, edges and places of constants", async () => {
    const graph = await read(document);
    expect({ name: graph.name, version: graph.version }).toEqual({ name: "sum", version: 11 });
    expect(graph.nodes.map(({ id, type }) => [id, type])).toEqual([
      [0, "Parameter"],
      [1, "Const"],
      [2, "Add"],
      [3, "Result"],
    ]);
    expect(graph.nodes[0]?.outputs).toEqual([{ type: "f32", shape: [-1, 2], names: ["x", "with,comma"] }]);
    expect(graph.nodes[1]?.data).toMatchObject({ kind: "file", offset: 4, size: 8 });
    expect(graph.nodes[1]?.attributes).toEqual({ element_type: "f32", shape: "2" });
    expect(graph.nodes[2]?.inputs).toEqual([
      { node: 0, output: 0 },
      { node: 1, output: 0 },
    ]);
    expect(graph.nodes[3]?.kept?.layerAttributes).toEqual({ output_names: "y" });
  });

  it("of version 10 is read too", async () => {
    expect((await read(replaced('version="11"', 'version="10"'))).version).toBe(10);
  });

  it("may have operations that nobody knows", async () => {
    const unknown = replaced(
      'type="Add" version="opset1"><data auto_broadcast="numpy"/>',
      'type="Foo" version="bar"><data deep="1"><x y="z"/></data>',
    );
    const node = (await read(unknown)).nodes[2];
    expect(node).toMatchObject({ type: "Foo", version: "bar", attributes: { deep: "1" } });
    expect(node?.kept?.dataChildren).toMatchObject([{ name: "x", attributes: { y: "z" } }]);
  });
});

describe("a damaged IR is refused with one sentence", () => {
  it.each<[string, string | Uint8Array, string]>([
    ["a document type", replaced("<net", '<!DOCTYPE net [<!ENTITY a "b">]><net'), "has a document type"],
    ["an entity of its own", replaced('name="sum"', 'name="&a;"'), "is not well-formed XML"],
    ["an end that is missing", document.slice(0, -20), "is not well-formed XML"],
    ["no text at all", "", "is not well-formed XML"],
    ["bytes that are not UTF-8", Uint8Array.of(60, 255, 254), "is not UTF-8 text"],
    ["another root", "<html/>", 'its root element is "html", not "net"'],
    [
      "another version",
      replaced('version="11"', 'version="7"'),
      "its version is 7; versions 10 and 11 are read",
    ],
    ["a constant behind the file's end", replaced('offset="4"', 'offset="8"'), "ends at byte 16 of"],
    [
      "an offset beyond all numbers",
      replaced('offset="4"', `offset="${"9".repeat(30)}"`),
      "not a natural number",
    ],
    ["an offset before the file", replaced('offset="4"', 'offset="-4"'), '"-4", not a natural number'],
    ["no offset", replaced('offset="4"', ""), 'The offset of layer 1 ("w") is missing'],
    [
      "a constant that is too short",
      replaced('size="8"', 'size="7"'),
      "has 7 bytes; its type and shape need 8",
    ],
    [
      "a shape of more elements than there can be",
      replaced('shape="2" o', `shape="9999999999, 9999999999" o`),
      "more elements than there can be",
    ],
    ["a shape that is no shape", replaced('shape="2" o', 'shape="2;3" o'), '"2;3", not a natural number'],
    ["an open dimension", replaced('shape="2" o', 'shape="?" o'), "has an open dimension"],
    [
      "an unknown type",
      replaced('element_type="f32" shape="2"', 'element_type="f33" shape="2"'),
      '"f33" is not an element type',
    ],
    ["two layers of one id", replaced('layer id="1"', 'layer id="0"'), "Two layers have the id 0"],
    [
      "two ports of one id",
      replaced('<port id="1" precision="FP32"/></input>', '<port id="0" precision="FP32"/></input>'),
      'Two ports of layer 2 ("sum") have the same id',
    ],
    ["an edge from nowhere", replaced('from-layer="1"', 'from-layer="7"'), "one of them does not exist"],
    [
      "an edge to no port",
      replaced('to-layer="2" to-port="1"', 'to-layer="2" to-port="9"'),
      "one of them does not exist",
    ],
    [
      "two edges into one port",
      replaced('to-layer="2" to-port="1"', 'to-layer="2" to-port="0"'),
      "Two edges go to port 0 of layer 2",
    ],
    [
      "a circle",
      replaced('from-layer="0" from-port="0" to-layer="2"', 'from-layer="2" from-port="2" to-layer="2"'),
      "form a circle",
    ],
    [
      "a dimension that is no number",
      replaced("<dim>2</dim></port>", "<dim>two</dim></port>"),
      '"two", not a natural number',
    ],
    ["no type", replaced('type="Add" ', ""), 'The type of layer 2 ("sum") is missing'],
    ["elements as deep as one likes", `<net version="11">${"<a>".repeat(1000)}`, "more than 100 levels"],
    [
      "two data elements",
      replaced('<data auto_broadcast="numpy"/>', "<data/><data/>"),
      'has 2 elements "data"',
    ],
  ])("%s", async (_, text, message) => {
    const failure = await read(text).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(GraphError);
    expect(String(failure)).toContain(message);
    expect(String(failure)).toContain("m.xml");
  });

  it("no .bin", async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, "m.xml"), document);
    await expect(readIr(path.join(folder, "m.xml"))).rejects.toThrow(
      /m\.bin is not there; the constant of layer 1/,
    );
  });

  it("no .xml", async () => {
    await expect(readIr(path.join(temporaryFolder(), "m.xml"))).rejects.toThrow(/m\.xml cannot be read/);
  });
});
