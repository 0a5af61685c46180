/** What says, in IPTC's words, that a trained model made the picture. */
export const digitalSourceType = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

const namespace = "https://github.com/limner/limner/xmp/1.0/";

/** The most of a packet that is searched. */
const maximumPacketLength = 4 * 1024 * 1024;

/** What an XMP packet of Limner says beside the mark. */
export interface XmpContent {
  /** Name and version of what drew the picture. */
  creator: string;
  /** The request that drew the picture, as JSON. */
  requestJson?: string;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

function unescapeXml(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi,
    (whole, hex, decimal, name) => {
      if (name)
        return Object.keys(entities).find((key) => entities[key] === `&${name.toLowerCase()};`) ?? whole;
      const code = hex ? Number.parseInt(hex, 16) : Number.parseInt(decimal, 10);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

/** JSON with every character outside of printable ASCII escaped: XML forbids some of them, and JSON can spare all. */
function asciiJson(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * An XMP packet (ISO 16684-1) with IPTC's digital source type. The request travels in it because it alone is kept by
 * all four formats, survives image editors, and gives every field back exactly: a prompt that itself contains
 * "Negative prompt:" cannot be told apart in the `parameters` text.
 */
export function xmpPacket({ creator, requestJson }: XmpContent): string {
  const request =
    requestJson === undefined ? "" : `<limner:Request>${escapeXml(asciiJson(requestJson))}</limner:Request>`;
  return (
    `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>` +
    `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
    `<rdf:Description rdf:about=""` +
    ` xmlns:xmp="http://ns.adobe.com/xap/1.0/"` +
    ` xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"` +
    ` xmlns:limner="${namespace}">` +
    `<xmp:CreatorTool>${escapeXml(creator)}</xmp:CreatorTool>` +
    `<Iptc4xmpExt:DigitalSourceType>${digitalSourceType}</Iptc4xmpExt:DigitalSourceType>` +
    `${request}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>`
  );
}

/**
 * The request in an XMP packet, as JSON text that nobody has checked; nothing without one. Editors may have turned
 * the element into an attribute.
 */
export function readXmpRequest(packet: string): string | undefined {
  if (packet.length > maximumPacketLength || !packet.includes(namespace)) return undefined;
  for (const [open, close] of [
    ["<limner:Request>", "</limner:Request>"],
    ['limner:Request="', '"'],
    ["limner:Request='", "'"],
  ] as const) {
    const start = packet.indexOf(open);
    const end = start < 0 ? -1 : packet.indexOf(close, start + open.length);
    if (end >= 0) return unescapeXml(packet.slice(start + open.length, end));
  }
  return undefined;
}
