/** An element of an XML document: what an IR says that nobody here has to understand. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlElement | string)[];
}

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

/** A text as an XML attribute's value or content. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"\t\n\r]/g, (character) => escapes[character] ?? character);
}

/** `key="value"` pairs, each after a space. */
export function attributesText(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeXml(value)}"`)
    .join("");
}

/** An element with everything in it, one line. */
export function elementText(element: XmlElement): string {
  const start = `<${element.name}${attributesText(element.attributes)}`;
  if (element.children.length === 0) return `${start}/>`;
  const inside = element.children.map((child) =>
    typeof child === "string" ? escapeXml(child) : elementText(child),
  );
  return `${start}>${inside.join("")}</${element.name}>`;
}

/** The child elements, without text between them. */
export function childElements(element: XmlElement): XmlElement[] {
  return element.children.filter((child): child is XmlElement => typeof child !== "string");
}

/** An element without children. */
export function xmlElement(name: string, attributes: Readonly<Record<string, string>> = {}): XmlElement {
  return { name, attributes, children: [] };
}
