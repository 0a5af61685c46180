import { type Headers, type Response, fetch as undiciFetch } from "undici";
import { bytesText } from "../platform/quantityText.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import { Dispatchers } from "./dispatchers.ts";
import type { HubSettings } from "./hubSettings.ts";
import { HubStatusError } from "./hubStatusError.ts";
import { proxyFor } from "./proxy.ts";
import { proxyRefusal } from "./proxyRefusal.ts";

/** An answer with a body, and where it came from in the end. */
export interface HubAnswer {
  readonly response: Response;
  /** The address after all redirects. It may be signed: it goes into no message. */
  readonly url: string;
  /** The headers of the hub's own first answer, which names a file's checksum before it redirects to a store. */
  readonly first: Headers;
}

export interface GetOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

const mostRedirects = 5;
/** A page of a listing has a thousand entries of a few hundred bytes. */
const largestAnswer = 16 * 1024 * 1024;

/** @throws LimnerError `download-failed` where the body is larger than any answer of the hub's API */
async function boundedBody({ body }: Response): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body ?? []) {
    size += (piece as Uint8Array).byteLength;
    if (size > largestAnswer)
      throw new LimnerError(
        "download-failed",
        `The hub's answer is longer than ${bytesText(largestAnswer)}: it is none of a hub. Check HF_ENDPOINT.`,
      );
    pieces.push(piece as Uint8Array);
  }
  return new Uint8Array(Buffer.concat(pieces));
}

/**
 * HTTP to the hub and to where it redirects. The token goes to the endpoint's own origin only, whoever asks and
 * wherever a redirect or a link of the hub leads. `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are honored.
 */
export class HubConnection {
  readonly settings: HubSettings;
  readonly #dispatchers: Dispatchers;
  readonly #origin: string;

  constructor(settings: HubSettings) {
    this.settings = settings;
    this.#dispatchers = new Dispatchers(settings.stallMilliseconds);
    this.#origin = new URL(settings.endpoint).origin;
  }

  /** @throws HubStatusError for every status but 2xx; TypeError where there is no connection */
  async get(address: string, options: GetOptions = {}): Promise<HubAnswer> {
    const answer = await this.#follow(address, options);
    const { response } = answer;
    if (response.ok) return answer;
    const error = new HubStatusError(response.status, response.headers);
    await response.body?.cancel().catch(() => undefined);
    throw error;
  }

  /** `fetch` for libraries, by the same rules, for answers of some size; credentials of their own are dropped. */
  fetchFor(signal: AbortSignal | undefined): typeof globalThis.fetch {
    return async (input) => {
      const { response } = await this.get(String(input), { signal });
      return new globalThis.Response(await boundedBody(response), {
        status: response.status,
        headers: [...response.headers],
      });
    };
  }

  close(): Promise<void> {
    return this.#dispatchers.close();
  }

  async #follow(address: string, { headers = {}, signal }: GetOptions): Promise<HubAnswer> {
    let url = address;
    let first: Headers | undefined;
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const response = await this.#ask(url, { headers, signal });
      first ??= response.headers;
      const location = response.headers.get("location");
      if (response.status < 300 || response.status > 399 || location === null)
        return { response, url, first };
      await response.body?.cancel().catch(() => undefined);
      const next = new URL(location, url);
      const isSafer = next.protocol === "https:" || new URL(url).protocol === "http:";
      if (!/^https?:$/.test(next.protocol) || !isSafer)
        throw new HubStatusError(response.status, response.headers);
      url = next.href;
    }
    throw new HubStatusError(310, first ?? { get: () => null });
  }

  async #ask(url: string, { headers, signal }: GetOptions): Promise<Response> {
    const proxy = proxyFor(url);
    try {
      return await undiciFetch(url, {
        headers: {
          "accept-encoding": "identity",
          "user-agent": "limner",
          ...headers,
          ...this.#credentials(url),
        },
        redirect: "manual",
        dispatcher: this.#dispatchers.through(proxy),
        signal,
      });
    } catch (error) {
      throw (proxy && proxyRefusal(error, proxy, url)) ?? error;
    }
  }

  #credentials(url: string): Record<string, string> {
    const { token } = this.settings;
    return token !== undefined && new URL(url).origin === this.#origin
      ? { authorization: `Bearer ${token}` }
      : {};
  }
}
