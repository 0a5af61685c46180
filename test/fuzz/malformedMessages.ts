import { seededRandom } from "../images/seededRandom.ts";

/** Bytes that are no sound message, and whether a client has shown its token before. */
export interface Malformed {
  kind: string;
  bytes: Buffer;
  isInitialized: boolean;
}

function frame(body: string | Buffer): Buffer {
  const bytes = Buffer.from(body as string);
  return Buffer.concat([Buffer.from(`Content-Length: ${bytes.length}\r\n\r\n`), bytes]);
}

const request = (method: unknown, params: unknown, id: unknown = 2) =>
  frame(JSON.stringify({ jsonrpc: "2.0", id, method, params }));

const odd = [
  null,
  true,
  -1,
  1e308,
  2 ** 53,
  "",
  "x".repeat(5000),
  [],
  [[]],
  {},
  { __proto__: 1 },
  "\u0000",
  "../x",
];
const paths = [
  "../../etc/passwd",
  "C:file",
  "./a.png",
  "/a\u0000.png",
  "~/a.png",
  "file:///etc/passwd",
  "/etc/limner/../../etc/x.png",
  `/${"a/".repeat(3000)}a.png`,
];
const methods = [
  "images/generate",
  "jobs/move",
  "jobs/cancel",
  "prompts/tokenize",
  "images/thumbnail",
  "shutdown",
];

/** The malformed message of a seed. */
export function malformedMessage(seed: number): Malformed {
  const random = seededRandom(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const generate = (change: object) =>
    request("images/generate", {
      job: `bad-${seed}`,
      request: { prompt: "x" },
      target: { kind: "file", file: "/nowhere/a.png" },
      ...change,
    });
  const kinds: Record<string, () => Buffer> = {
    noise: () =>
      Buffer.from(Array.from({ length: 1100 + Math.floor(random() * 3000) }, () => random() * 256)),
    "no length": () => Buffer.from(`Content-Type: x\r\n\r\n{}`),
    "bad length": () =>
      Buffer.from(
        `Content-Length: ${pick(["-5", "0", "1e3", "NaN", "99999999999", "0x10", "5 5", ""])}\r\n\r\n{}`,
      ),
    "two lengths": () => Buffer.from("Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
    "header without end": () => Buffer.from(`Content-Length: 2${"\r\nX: y".repeat(400)}`),
    "too long": () => Buffer.from(`Content-Length: ${4 * 1024 * 1024 + 1}\r\n\r\n{`),
    "bad JSON": () =>
      frame(pick(["{", "", "{'a': 1}", "nul", '{"jsonrpc":"2.0",}', "[1,", "\u0007", "{}}"]) || " "),
    "bad UTF-8": () => frame(Buffer.from([0x22, 0xc3, 0x28, 0x22])),
    deep: () => frame(`${"[".repeat(50_000)}${"]".repeat(50_000)}`),
    "no request": () =>
      frame(
        JSON.stringify(
          pick([...odd, { jsonrpc: "2.0" }, { id: 1, result: 1 }, { jsonrpc: "1.0", id: 1, method: "x" }]),
        ),
      ),
    "bad id": () => request("host/statistics", {}, pick([null, {}, [], true, 1.5, "i".repeat(300)])),
    "bad method": () => request(pick([null, 1, {}, "m".repeat(300)]), {}),
    "bad cancel": () =>
      frame(JSON.stringify({ jsonrpc: "2.0", method: "$/cancelRequest", params: pick(odd) })),
    "unknown request": () =>
      request(pick(["images/steal", "constructor", "__proto__", "toString", "IMAGES/GENERATE", " "]), {}),
    "unknown notification": () => frame(JSON.stringify({ jsonrpc: "2.0", method: "host/quit", params: {} })),
    "wrong parameters": () =>
      request(pick(methods), { ...{ unknown: 1 }, job: pick(odd), position: pick(odd) }),
    "parameters of another type": () => request(pick(methods), pick([[], [1], [{}]])),
    "wrong field": () =>
      generate({
        request: {
          prompt: "x",
          [pick(["steps", "seed", "size", "count", "guidanceScale"])]: pick([...odd, -5, 0.5, 1e99]) ?? "no",
          strange: 1,
        },
      }),
    "path trick": () => generate({ target: { kind: "file", file: pick(paths) } }),
    "pattern trick": () =>
      generate({
        target: {
          kind: "pattern",
          folder: "/nowhere",
          pattern: pick(["../../x.png", "/etc/x.png", "${shell}.png", "x.exe", ""]),
        },
      }),
    "relative picture": () => generate({ request: { prompt: "x", images: [pick(["a.png", "../a.png"])] } }),
    "second initialize": () => request("initialize", {}),
  };
  const early: Record<string, () => Buffer> = {
    ...kinds,
    "wrong token": () =>
      request("initialize", {
        version: "0.1.0",
        token: pick(["", "a".repeat(64), "x".repeat(200)]),
        client: { name: "bad", pid: 1 },
        roots: [],
      }),
    "before initialize": () => request(pick(methods), {}),
    "half an initialize": () => request("initialize", { version: pick(odd), token: pick(odd) }),
  };
  const isInitialized = random() < 0.5;
  const all = isInitialized ? kinds : early;
  const kind = pick(Object.keys(all));
  return { kind, isInitialized, bytes: all[kind]?.() ?? Buffer.alloc(0) };
}
