import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { proxyFor } from "../../src/hub/proxy.ts";

beforeEach(() => {
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"])
    for (const one of [name, name.toLowerCase()]) vi.stubEnv(one, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const hub = "https://huggingface.co/a/b";

describe("the proxy of an address", () => {
  it.each<[string, string, string | undefined, string | undefined]>([
    ["HTTPS_PROXY", "http://proxy:3128", "http://proxy:3128", undefined],
    ["https_proxy", "https://proxy", "https://proxy", undefined],
    ["ALL_PROXY", "proxy:3128", "http://proxy:3128", undefined],
    ["HTTPS_PROXY", "http://me:p%40ss@proxy:3128/", "http://proxy:3128", "me:p@ss"],
    ["HTTPS_PROXY", "http://me@proxy:3128", "http://proxy:3128", "me:"],
    ["HTTPS_PROXY", "me:100%@proxy:3128", "http://proxy:3128", "me:100%"],
    ["HTTP_PROXY", "http://proxy:3128", undefined, undefined],
    ["HTTPS_PROXY", "", undefined, undefined],
  ])("%s=%s", (name, value, address, credentials) => {
    vi.stubEnv(name, value);
    const authorization = credentials && `Basic ${Buffer.from(credentials).toString("base64")}`;
    expect(proxyFor(hub)).toEqual(address && { address, ...(authorization ? { authorization } : {}) });
  });

  it.each([
    ["hf.co", "https://cas-bridge.xethub.hf.co/x", false],
    ["hf.co", "https://hf.co/x", false],
    [".hf.co", "https://cas-bridge.xethub.hf.co/x", false],
    ["*.hf.co", "https://cas-bridge.xethub.hf.co/x", false],
    ["hf.co:8443", "https://cas-bridge.xethub.hf.co/x", true],
    ["hf.co", "https://nothf.co/x", true],
    ["0.0.1", "https://127.0.0.1/x", true],
    ["127.0.0.1", "https://127.0.0.1/x", false],
    ["[::1]", "https://[::1]:8080/x", false],
  ])("NO_PROXY=%s: %s goes through it: %s", (value, address, isProxied) => {
    vi.stubEnv("HTTPS_PROXY", "http://proxy:3128");
    vi.stubEnv("NO_PROXY", value);
    expect(proxyFor(address) !== undefined).toBe(isProxied);
  });

  it.each([
    ["socks5://me:SECRET@proxy:1080", "is a socks5 proxy"],
    ["http://me:SECRET@:::", "is no address"],
  ])("%s is refused without its password", (value, what) => {
    vi.stubEnv("HTTPS_PROXY", value);
    expect(() => proxyFor(hub)).toThrow(
      `The proxy for huggingface.co ${what}. Put http://HOST:PORT into HTTPS_PROXY, or the hub's host into NO_PROXY.`,
    );
  });
});
