/** An answer of the hub that is none of those asked for. Its message has no address: addresses may carry secrets. */
export class HubStatusError extends Error {
  readonly status: number;
  /** What the hub calls the reason, such as `GatedRepo`, `RepoNotFound` or `EntryNotFound`. */
  readonly reason?: string;
  /** How long the hub asks to wait. */
  readonly retryAfterMilliseconds?: number;

  constructor(status: number, headers: { get(name: string): string | null }, now: number = Date.now()) {
    super(`the hub answered with ${status}`);
    this.name = "HubStatusError";
    this.status = status;
    this.reason = headers.get("x-error-code")?.slice(0, 80);
    this.retryAfterMilliseconds = waitOf(headers.get("retry-after"), now);
  }

  /** Whether the same question may be answered later. */
  get isPassing(): boolean {
    return [408, 429, 500, 502, 503, 504].includes(this.status);
  }
}

/** `Retry-After`: seconds, or a date. */
function waitOf(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  const seconds = Number(value);
  const milliseconds = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - now;
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined;
}
