import { connect } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { HostClient } from "../../src/client/hostClient.ts";
import { hostProgram } from "../../src/client/hostProgram.ts";
import { type HostEndpoint, hostEndpoint } from "../../src/platform/hostEndpoint.ts";
import { limnerVersion } from "../../src/platform/version.ts";
import { generateImages } from "../../src/protocol/generateImages.ts";
import { hostStatistics } from "../../src/protocol/hostStatistics.ts";
import { type HostPlace, hostPlace } from "../support/hostClients.ts";
import { type Malformed, malformedMessage } from "./malformedMessages.ts";

const count = process.env["LIMNER_FUZZ"] === "all" ? 5000 : 200;
const together = 20;
/** A message that is neither answered nor cut off within this has gone unnoticed. */
const patience = 60_000;

let place: HostPlace;
let client: HostClient;
let endpoint: HostEndpoint;
beforeAll(async () => {
  place = hostPlace();
  client = place.client();
  await client.start();
  const env = { LIMNER_CACHE_DIR: place.cache };
  endpoint = await hostEndpoint(
    hostProgram({ packageFolder: process.cwd(), version: limnerVersion(), env }).folder,
  );
});
afterAll(() => place?.remove());

const framed = (message: object) => {
  const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
  return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);
};

/** Sends a message on a connection of its own. @returns what came of it: an error, a closed connection, or neither */
function send({ bytes, isInitialized }: Malformed): Promise<"error" | "closed" | "answered" | "nothing"> {
  return new Promise((resolve) => {
    const socket = connect(endpoint.address);
    let received = "";
    let isSent = !isInitialized;
    const end = (outcome: "error" | "closed" | "answered" | "nothing") => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => end("nothing"), patience);
    socket.on("connect", () => {
      const identity = { client: { name: "malformed", pid: 1 }, roots: [], logLevel: "error" };
      const params = { version: limnerVersion(), token: endpoint.token, ...identity };
      socket.write(isInitialized ? framed({ id: 1, method: "initialize", params }) : bytes);
    });
    socket.on("data", (data) => {
      received += data.toString("latin1");
      if (!isSent && received.includes('"id":1,"result"')) {
        isSent = true;
        received = "";
        socket.write(bytes);
      } else if (isSent && /"error":\{"code":-32/.test(received)) end("error");
      else if (isSent && received.includes('"result"')) end("answered");
    });
    socket.on("error", () => end("closed"));
    socket.on("close", () => end("closed"));
  });
}

it(
  `${count} malformed messages get an error or a closed connection each, and the host goes on`,
  async () => {
    const before = client.state;
    const unnoticed: string[] = [];
    const seen = new Set<string>();
    let next = 1;
    const worker = async () => {
      while (next <= count) {
        const seed = next++;
        const message = malformedMessage(seed);
        seen.add(message.kind);
        const outcome = await send(message);
        if (outcome !== "error" && outcome !== "closed") {
          unnoticed.push(`seed ${seed}, ${message.kind}: ${outcome}`);
        }
      }
    };
    await Promise.all(Array.from({ length: together }, worker));
    expect(unnoticed).toEqual([]);
    expect(seen.size).toBeGreaterThan(20);
    // No message was sound enough for a job to be done.
    const statistics = await client.request(hostStatistics, {});
    expect(client.state).toEqual(before);
    expect(statistics.jobs).toMatchObject({ waiting: 0, running: 0, done: 0 });
    const { images } = await client.request(generateImages, {
      job: "sound",
      request: { prompt: "a red circle", steps: 1, size: { width: 64, height: 64 } },
      target: { kind: "pattern", folder: place.pictures, pattern: "${seed}.png" },
    });
    expect(images).toHaveLength(1);
  },
  20 * 60_000,
);
