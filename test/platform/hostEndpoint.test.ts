import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type HostIdentity, hostEndpoint, hostFolder } from "../../src/platform/hostEndpoint.ts";

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "limner-endpoint-"));
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

const identity: HostIdentity = {
  version: "0.1.0",
  build: "a",
  machine: "one",
  dataFolder: "/home/ada/.local/share/limner",
  runtime: ["auto", ""],
};

describe("a host's folder", () => {
  test("is one for each version, build, machine, data folder and runtime", () => {
    const others: Partial<HostIdentity>[] = [
      { version: "0.2.0" },
      { build: "b" },
      { machine: "two" },
      { dataFolder: "/elsewhere" },
      { runtime: ["c-api", ""] },
    ];
    const folders = [{}, ...others].map((other) => hostFolder(cache, { ...identity, ...other }));
    expect(new Set(folders).size).toBe(others.length + 1);
    expect(hostFolder(cache, { ...identity })).toBe(folders[0]);
  });
});

describe.skipIf(process.platform === "win32")("an endpoint", () => {
  test("is the same for everyone who asks, and for the user only", async () => {
    const folder = hostFolder(cache, identity);
    const asked = await Promise.all(Array.from({ length: 8 }, () => hostEndpoint(folder)));
    expect(new Set(asked.map(({ token }) => token)).size).toBe(1);
    expect(asked[0]?.token).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, "token")).mode & 0o777).toBe(0o600);
  });

  test("replaces a token that others could read, and one that is damaged", async () => {
    const folder = hostFolder(cache, identity);
    const { token } = await hostEndpoint(folder);
    const file = join(folder, "token");
    chmodSync(file, 0o644);
    const second = await hostEndpoint(folder);
    expect(second.token).not.toBe(token);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileSync(file, "");
    expect((await hostEndpoint(folder)).token).toBe(readFileSync(file, "utf8"));
  });

  test("has a short socket path however long the folder's is", async () => {
    const near = await hostEndpoint(join(cache, "short"));
    expect(near.address).toBe(join(cache, "short", "host.sock"));
    const far = await hostEndpoint(join(cache, "long".repeat(30)));
    expect(Buffer.byteLength(far.address)).toBeLessThanOrEqual(100);
    expect(far.address).toMatch(/limner-\d+[\\/][0-9a-f]{16}\.sock$/);
  });
});

test("on Windows it is a pipe whose name only who knows the token can tell", async () => {
  const { address, token } = await hostEndpoint(join(cache, "win"), "win32");
  expect(address).toMatch(/^\\\\\.\\pipe\\limner-[0-9a-f]{32}$/);
  expect(address).not.toContain(token.slice(0, 32));
});
