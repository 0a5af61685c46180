import { isIP } from "node:net";
import { getProxyForUrl } from "proxy-from-env";
import { LimnerError } from "../protocol/limnerError.ts";

/** A proxy that the environment names. */
export interface ProxyAddress {
  /** Without credentials: it may go into messages. */
  readonly address: string;
  /** `Proxy-Authorization`, where the variable has a name and a password. */
  readonly authorization?: string;
}

const variables = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"].flatMap((name) => [name, name.toLowerCase()]);

/** A proxy without a scheme is spoken to in plain HTTP, as by curl and Python, whatever goes through it. */
function withScheme(proxy: string): string {
  const bare = /^https:\/\/(.*)/.exec(proxy)?.[1];
  return bare !== undefined && variables.some((name) => process.env[name] === bare)
    ? `http://${bare}`
    : proxy;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether `NO_PROXY` names a domain that the host is in: a name stands for all below it, as for curl and Python. */
function isExempt(address: string): boolean {
  const { protocol, hostname, port } = new URL(address);
  if (isIP(hostname.replace(/[[\]]/g, "")) !== 0) return false;
  const labels = hostname.split(".");
  return labels.some((_, i) => {
    const domain = labels.slice(i + 1).join(".");
    return domain !== "" && getProxyForUrl(`${protocol}//${domain}${port && `:${port}`}`) === "";
  });
}

/**
 * The proxy for an address, by `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in capitals or not.
 * @returns undefined where it is reached without one
 * @throws LimnerError `usage` for a proxy that is none of HTTP's; the password is in no message
 */
export function proxyFor(address: string): ProxyAddress | undefined {
  const stated = getProxyForUrl(address);
  if (stated === "" || isExempt(address)) return undefined;
  const text = withScheme(stated);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new LimnerError(
      "usage",
      `The proxy for ${new URL(address).host} is ${url ? `a ${url.protocol.slice(0, -1)} proxy` : "no address"}. Put http://HOST:PORT into HTTPS_PROXY, or the hub's host into NO_PROXY.`,
    );
  const { origin, username, password } = url;
  if (username === "") return { address: origin };
  const credentials = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString("base64");
  return { address: origin, authorization: `Basic ${credentials}` };
}
