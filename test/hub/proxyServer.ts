// A proxy on 127.0.0.1: it passes plain HTTP on and opens tunnels, and remembers all that it could read.
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** What a proxy was asked for. */
export interface ProxiedRequest {
  readonly method: string;
  /** The whole address, or for a tunnel `HOST:PORT`. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface ProxyServerOptions {
  /** `NAME:PASSWORD` that it asks for. */
  readonly credentials?: string;
  /** Answers everything with this status instead. */
  readonly status?: number;
  /** Takes connections and never answers. */
  readonly isSilent?: boolean;
}

export class ProxyServer {
  readonly requests: ProxiedRequest[] = [];
  readonly #options: ProxyServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #tunnelled: Buffer[] = [];

  private constructor(options: ProxyServerOptions) {
    this.#options = options;
    this.#server = createServer((asked, response) => this.#pass(asked, response));
    this.#server.on("connect", (asked: IncomingMessage, socket: Socket) => this.#tunnel(asked, socket));
    this.#server.on("connection", (socket: Socket) => this.#track(socket));
  }

  static async start(options: ProxyServerOptions = {}): Promise<ProxyServer> {
    const proxy = new ProxyServer(options);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  /** `HOST:PORT` */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** All bytes that clients sent through tunnels. */
  get tunnelled(): Buffer {
    return Buffer.concat(this.#tunnelled);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
  }

  /** @returns the status of a refusal; 0 for none */
  #refusal(asked: IncomingMessage): number {
    this.requests.push({ method: asked.method ?? "", target: asked.url ?? "", headers: asked.headers });
    const { credentials, status = 0 } = this.#options;
    const wanted = credentials && `Basic ${Buffer.from(credentials).toString("base64")}`;
    return wanted && asked.headers["proxy-authorization"] !== wanted ? 407 : status;
  }

  #pass(asked: IncomingMessage, response: ServerResponse): void {
    const refusal = this.#refusal(asked);
    if (this.#options.isSilent) return;
    if (refusal > 0) {
      response.writeHead(refusal).end();
      return;
    }
    const { "proxy-authorization": _, ...headers } = asked.headers;
    const passed = request(asked.url ?? "", { method: asked.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on("error", () => response.destroy());
    asked.pipe(passed);
  }

  #tunnel(asked: IncomingMessage, client: Socket): void {
    const refusal = this.#refusal(asked);
    if (this.#options.isSilent) return;
    if (refusal > 0) {
      client.end(`HTTP/1.1 ${refusal} Refused\r\n\r\n`);
      return;
    }
    const [host = "", port = ""] = (asked.url ?? "").split(":");
    const server = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      client.on("data", (bytes: Buffer) => this.#tunnelled.push(bytes));
      client.pipe(server).pipe(client);
    });
    this.#track(server);
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
  }
}
