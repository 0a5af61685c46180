import { Agent, type Dispatcher, Pool, ProxyAgent } from "undici";
import type { ProxyAddress } from "./proxy.ts";

/** Connections to the hub and its stores, kept open between requests: those of each proxy, and those without one. */
export class Dispatchers {
  readonly #milliseconds: number;
  /** By the address of the proxy; empty for none. */
  readonly #known = new Map<string, Dispatcher>();

  /** @param milliseconds after so many without a byte a connection counts as stalled */
  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  through(proxy: ProxyAddress | undefined): Dispatcher {
    const key = proxy ? `${proxy.address} ${proxy.authorization ?? ""}` : "";
    const known = this.#known.get(key);
    if (known) return known;
    const made = proxy ? this.#proxied(proxy) : this.#direct();
    this.#known.set(key, made);
    return made;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#known.values()].map((dispatcher) => dispatcher.destroy()));
    this.#known.clear();
  }

  get #limits() {
    return { headersTimeout: this.#milliseconds, bodyTimeout: this.#milliseconds };
  }

  #direct(): Dispatcher {
    return new Agent({ connect: { timeout: this.#milliseconds }, ...this.#limits });
  }

  /** HTTPS goes through a tunnel, which the proxy cannot look into; plain HTTP is asked of the proxy itself. */
  #proxied({ address, authorization }: ProxyAddress): Dispatcher {
    // The agent hands its limits to neither of the two.
    const pool = (origin: string | URL, options: object) => new Pool(origin, { ...options, ...this.#limits });
    return new ProxyAgent({
      uri: address,
      token: authorization,
      proxyTunnel: false,
      proxyTls: { timeout: this.#milliseconds },
      requestTls: { timeout: this.#milliseconds },
      clientFactory: pool,
      factory: pool,
    });
  }
}
