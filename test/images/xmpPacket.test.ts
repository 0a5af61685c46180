import { describe, expect, test } from "vitest";
import { digitalSourceType, readXmpRequest, xmpPacket } from "../../src/images/xmpPacket.ts";
import { oddText, seededRandom } from "./seededRandom.ts";

const creator = "Limner 0.1.0";

test("says that a trained model made the picture", () => {
  const packet = xmpPacket({ creator });
  expect(packet).toContain(
    `<Iptc4xmpExt:DigitalSourceType>${digitalSourceType}</Iptc4xmpExt:DigitalSourceType>`,
  );
  expect(packet).toContain('xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"');
  expect(digitalSourceType).toBe("http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia");
  expect(readXmpRequest(packet)).toBeUndefined();
});

test("every text comes back exactly", () => {
  const random = seededRandom(11);
  for (let round = 0; round < 500; round++) {
    const request = { prompt: oddText(random, 12) };
    const json = readXmpRequest(xmpPacket({ creator, requestJson: JSON.stringify(request) })) ?? "";
    expect(JSON.parse(json)).toEqual(request);
  }
});

test("holds nothing but printable ASCII beside its own mark of byte order", () => {
  const packet = xmpPacket({ creator, requestJson: JSON.stringify({ prompt: "\uffff猫\u0000" }) });
  expect(packet.replace("\ufeff", "")).toMatch(/^[\x20-\x7e]*$/);
});

describe("packets that other programs wrote", () => {
  const attribute = (quote: string) =>
    `<rdf:Description xmlns:limner="https://github.com/limner/limner/xmp/1.0/" ` +
    `limner:Request=${quote}{&quot;prompt&quot;:&#x22;a&#38;b&quot;}${quote}/>`;

  test("the request may have become an attribute", () => {
    expect(readXmpRequest(attribute('"'))).toBe('{"prompt":"a&b"}');
    expect(readXmpRequest(attribute("'"))).toBe('{"prompt":"a&b"}');
  });

  test("packets without Limner's namespace, cut short or oversized say nothing", () => {
    expect(readXmpRequest('<limner:Request>{"prompt":""}</limner:Request>')).toBeUndefined();
    expect(readXmpRequest(attribute('"').slice(0, -20))).toBeUndefined();
    expect(readXmpRequest(attribute('"').padEnd(4 * 1024 * 1024 + 1))).toBeUndefined();
  });

  test("a number that is no character stays as it is written", () => {
    expect(readXmpRequest(attribute('"').replace("&#38;", "&#9999999;"))).toContain("&#9999999;");
  });
});
