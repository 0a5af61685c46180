import { open } from "node:fs/promises";
import { precisionOf } from "../elementType.ts";
import type { ConstantData, Graph, Node, Output } from "../graph.ts";
import { GraphError } from "../graphError.ts";
import { attributesText, elementText, escapeXml, type XmlElement } from "../xml/xmlElement.ts";
import { joinNames } from "./irNumbers.ts";

/** Where a constant's bytes are in the `.bin`. */
export interface Place {
  readonly offset: number;
  readonly size: number;
}

type Places = (data: ConstantData) => Place;

/** Writes the description of a graph. @param places tells where each constant is in the `.bin` */
export async function writeXml(graph: Graph, xml: string, places: Places): Promise<void> {
  const file = await open(xml, "w");
  try {
    let text = '<?xml version="1.0"?>\n';
    for (const line of netLines(graph, places)) {
      text += line;
      if (text.length < 1024 * 1024) continue;
      await file.write(text);
      text = "";
    }
    await file.write(text);
  } finally {
    await file.close();
  }
}

function* netLines(graph: Graph, places: Places): Generator<string> {
  yield `<net name="${escapeXml(graph.name)}" version="${graph.version}">\n`;
  yield* graphLines(graph, places);
  yield "</net>\n";
}

function* graphLines(graph: Graph, places: Places): Generator<string> {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  if (byId.size !== graph.nodes.length)
    throw new GraphError(`Two nodes of "${graph.name}" have the same id.`);
  yield "<layers>\n";
  for (const node of graph.nodes) yield* layerLines(node, byId, places);
  yield "</layers>\n<edges>\n";
  for (const node of graph.nodes) {
    for (const [index, source] of node.inputs.entries()) {
      if (source === undefined) continue;
      const from = portId(sourceNode(source.node, node, byId), "outputs", source.output);
      const to = portId(node, "inputs", index);
      yield `<edge from-layer="${source.node}" from-port="${from}" to-layer="${node.id}" to-port="${to}"/>\n`;
    }
  }
  yield "</edges>\n";
  if (graph.rtInfo) yield `${elementText(graph.rtInfo)}\n`;
  for (const child of graph.keptChildren ?? []) yield `${elementText(child)}\n`;
}

function sourceNode(id: number, reader: Node, byId: ReadonlyMap<number, Node>): Node {
  const source = byId.get(id);
  if (source === undefined)
    throw new GraphError(`The input of "${reader.name}" comes from a node that is not there.`);
  return source;
}

/** The id of a port: kept where a sub-graph's map refers to it, else inputs first, then outputs. */
function portId(node: Node, side: "inputs" | "outputs", index: number): number {
  const counted = side === "inputs" ? index : node.inputs.length + index;
  return node.kept?.portIds?.[side][index] ?? counted;
}

function* layerLines(node: Node, byId: ReadonlyMap<number, Node>, places: Places): Generator<string> {
  const { id, name, type, version, kept } = node;
  const layer = { id: String(id), name, type, version, ...kept?.layerAttributes };
  yield `<layer${attributesText(layer)}>`;
  const data = dataText(node, places);
  if (data !== "") yield data;
  if (node.rtInfo) yield elementText(node.rtInfo);
  if (node.inputs.length > 0) {
    yield "<input>";
    for (const [index, source] of node.inputs.entries()) {
      const tensor = source && sourceNode(source.node, node, byId).outputs[source.output];
      if (source && !tensor)
        throw new GraphError(`The input ${index} of "${name}" comes from an output that is not there.`);
      yield portText(portId(node, "inputs", index), tensor, false, kept?.inputRtInfo?.get(index));
    }
    yield "</input>";
  }
  if (node.outputs.length > 0) {
    yield "<output>";
    for (const [index, output] of node.outputs.entries()) {
      yield portText(portId(node, "outputs", index), output, true, output.rtInfo);
    }
    yield "</output>";
  }
  for (const child of kept?.children ?? []) yield elementText(child);
  for (const [bodyName, body] of Object.entries(node.bodies ?? {})) {
    yield `<${bodyName}>\n`;
    yield* graphLines(body, places);
    yield `</${bodyName}>`;
  }
  yield "</layer>\n";
}

function dataText({ attributes, data, kept }: Node, places: Places): string {
  const place = data && places(data);
  const all: Record<string, string> = {
    ...attributes,
    ...(place && { offset: String(place.offset), size: String(place.size) }),
  };
  const children = kept?.dataChildren ?? [];
  if (Object.keys(all).length === 0 && children.length === 0) return "";
  return elementText({ name: "data", attributes: all, children });
}

function portText(
  id: number,
  tensor: Output | undefined,
  named: boolean,
  rtInfo: XmlElement | undefined,
): string {
  const precision = precisionOf(tensor?.type ?? "dynamic");
  const names =
    named && tensor && tensor.names.length > 0 ? ` names="${escapeXml(joinNames(tensor.names))}"` : "";
  const dims = (tensor?.shape ?? []).map((dimension) => `<dim>${dimension}</dim>`).join("");
  const inside = dims + (rtInfo ? elementText(rtInfo) : "");
  const start = `<port id="${id}" precision="${precision}"${names}`;
  return inside === "" ? `${start}/>` : `${start}>${inside}</port>`;
}
