import type { Definition, Nodes } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { htmlReferences } from "./htmlReferences.ts";
import type { ImageReference } from "./imageReference.ts";

function* allNodes(node: Nodes): Generator<Nodes, void, undefined> {
  yield node;
  if (!("children" in node)) return;
  for (const child of node.children) yield* allNodes(child);
}

/**
 * The images of a Markdown document: `![alt](path)`, `![alt][name]` with its definition elsewhere, and HTML's `<img>`.
 * Code names none.
 */
export function markdownReferences(markdown: string): ImageReference[] {
  // Most documents have no images, and parsing takes time.
  if (!/!\[|<img/i.test(markdown)) return [];
  const nodes = [...allNodes(fromMarkdown(markdown))];
  const definitions = new Map<string, Definition>();
  for (const node of nodes) {
    // The first of a name counts.
    if (node.type === "definition" && !definitions.has(node.identifier)) {
      definitions.set(node.identifier, node);
    }
  }
  return nodes.flatMap((node) => {
    const [start = 0, end = 0] = [node.position?.start.offset, node.position?.end.offset];
    if (node.type === "image") return [{ address: node.url, alt: node.alt ?? "", start, end }];
    if (node.type === "imageReference") {
      const definition = definitions.get(node.identifier);
      return definition ? [{ address: definition.url, alt: node.alt ?? "", start, end }] : [];
    }
    if (node.type !== "html") return [];
    return htmlReferences(markdown.slice(start, end)).map((image) => ({
      ...image,
      start: start + image.start,
      end: start + image.end,
    }));
  });
}
