import { stat } from "node:fs/promises";
import type { Graph } from "../graph.ts";
import { GraphError } from "../graphError.ts";
import { readXml } from "../xml/readXml.ts";
import { childElements, type XmlElement } from "../xml/xmlElement.ts";
import { connect, type Edge, readEdge } from "./connect.ts";
import { naturalNumber } from "./irNumbers.ts";
import { type BinFile, type Layer, readLayer } from "./readLayer.ts";

/** Sub-graphs in sub-graphs. */
const deepestBody = 16;

/**
 * Reads an IR of version 10 or 11, whoever wrote it: operations that are not known, sub-graphs and `rt_info` are
 * carried along. The constants stay in the `.bin`.
 * @param bin the `.bin`, where it is not the `.xml`'s neighbor of the same name
 * @param binBytes its size, where the `.bin` itself is not there
 * @throws GraphError that names the file and the value at fault
 */
export async function readIr(
  xml: string,
  bin: string = xml.replace(/(\.xml)?$/i, ".bin"),
  binBytes?: number,
): Promise<Graph> {
  const binFile = { file: bin, size: binBytes ?? (await sizeOf(bin)) };
  const layers: Layer[] = [];
  const edges: Edge[] = [];
  try {
    const net = await readXml(xml, (element, around) => {
      const place = around.join("/");
      if (place === "net/layers" && element.name === "layer") layers.push(readTopLayer(element, binFile));
      else if (place === "net/edges" && element.name === "edge") edges.push(readEdge(element));
      else return false;
      return true;
    });
    return { ...heading(net), nodes: connect(layers, edges) };
  } catch (error) {
    if (!(error instanceof GraphError) || error.message.startsWith(xml)) throw error;
    throw new GraphError(`${xml} is not a usable model: ${error.message}`, { cause: error });
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  return stat(file).then(
    (stats) => (stats.isFile() ? stats.size : undefined),
    () => undefined,
  );
}

function heading(net: XmlElement): Omit<Graph, "nodes"> {
  if (net.name !== "net") throw new GraphError(`its root element is "${net.name}", not "net".`);
  const version = naturalNumber(net.attributes["version"], "The version");
  if (version !== 10 && version !== 11) {
    throw new GraphError(`its version is ${version}; versions 10 and 11 are read.`);
  }
  return { name: net.attributes["name"] ?? "", version, ...rest(net) };
}

function rest(graph: XmlElement): Pick<Graph, "rtInfo" | "keptChildren"> {
  const others = childElements(graph).filter(({ name }) => name !== "layers" && name !== "edges");
  const rtInfo = others.find(({ name }) => name === "rt_info");
  const keptChildren = others.filter((element) => element !== rtInfo);
  return { ...(rtInfo && { rtInfo }), ...(keptChildren.length > 0 && { keptChildren }) };
}

function readTopLayer(layer: XmlElement, bin: BinFile): Layer {
  const readBody = (body: XmlElement, depth: number): Graph => {
    if (depth > deepestBody)
      throw new GraphError(`More than ${deepestBody} sub-graphs are inside each other.`);
    const parts = childElements(body);
    const inside = (name: string, item: string) =>
      parts
        .filter((part) => part.name === name)
        .flatMap(childElements)
        .filter((element) => element.name === item);
    const layers = inside("layers", "layer").map((one) =>
      readLayer(one, bin, (inner) => readBody(inner, depth + 1)),
    );
    return {
      name: body.name,
      version: 11,
      nodes: connect(layers, inside("edges", "edge").map(readEdge)),
      ...rest(body),
    };
  };
  return readLayer(layer, bin, (body) => readBody(body, 1));
}
