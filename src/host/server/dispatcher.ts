import { type CancellationToken, ResponseError } from "vscode-jsonrpc";
import type * as z from "zod";
import type { GeneratedImage } from "../../protocol/generateResult.ts";
import { LimnerError, messageOf } from "../../protocol/limnerError.ts";
import type { RequestType } from "../../protocol/messageType.ts";
import { problemOf } from "../../protocol/requestProblem.ts";
import { requests } from "../../protocol/requests.ts";
import { type ErrorData, rpcErrorNumbers, rpcNumberOf } from "../../protocol/wireError.ts";
import type { RequestContext, RequestHandlers } from "./requestHandlers.ts";
import type { Session } from "./session.ts";

/** A failure that keeps what was finished before it. */
export class FailedJob extends LimnerError {
  readonly images: readonly GeneratedImage[];

  constructor(error: LimnerError, images: readonly GeneratedImage[]) {
    super(error.code, error.message, { cause: error });
    this.images = images;
  }
}

/** An error as it goes to a client. What Limner did not foresee is the host's own fault. */
export function wireErrorOf(error: unknown): ResponseError<ErrorData> {
  if (error instanceof LimnerError) {
    const images = error instanceof FailedJob ? [...error.images] : undefined;
    return new ResponseError(rpcNumberOf(error.code), error.message, { code: error.code, images });
  }
  return new ResponseError(rpcErrorNumbers.internalError, messageOf(error), { code: "host-failed" });
}

/** The sentence for parameters that a schema refuses. */
function refusal(method: string, error: z.ZodError): LimnerError {
  const [issue] = error.issues;
  const place = issue && issue.path.length > 0 ? issue.path.map(String).join(".") : "the parameters";
  const problem = issue ? problemOf(issue) : "they are malformed";
  return new LimnerError("invalid-request", `${method}: ${place} is not possible: ${problem}.`);
}

/** Validates what a request takes. @throws LimnerError `invalid-request` that names the field */
export function validated<T extends RequestType>(type: T, params: unknown): z.infer<T["params"]> {
  const checked = type.params.safeParse(params ?? {});
  if (!checked.success) throw refusal(type.method, checked.error);
  // The schema of this very type parsed it.
  return checked.data as z.infer<T["params"]>;
}

/**
 * A signal for the token of a request, also aborted when its client is gone.
 * @returns with what lets go of the client: it outlives its requests by far
 */
export function signalOf(
  token: CancellationToken,
  { gone }: Session,
): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (token.isCancellationRequested || gone.aborted) abort();
  const registration = token.onCancellationRequested(abort);
  gone.addEventListener("abort", abort);
  return {
    signal: controller.signal,
    release() {
      registration.dispose();
      gone.removeEventListener("abort", abort);
    },
  };
}

type Untyped = (params: unknown, context: RequestContext) => unknown;

/** Finds the handler of a method and runs it. */
export class Dispatcher {
  readonly #handlers = new Map<string, { type: RequestType; handle: Untyped }>();
  readonly #onFailure: (method: string, error: unknown) => void;

  /** @param onFailure told of every error that Limner did not foresee */
  constructor(handlers: RequestHandlers, onFailure: (method: string, error: unknown) => void) {
    this.#onFailure = onFailure;
    for (const [name, type] of Object.entries(requests)) {
      const handle = handlers[name as keyof RequestHandlers];
      // Each handler takes what its own type's schema gives.
      if (handle) this.#handlers.set(type.method, { type, handle: handle as Untyped });
    }
  }

  /** @returns the answer, an error included; never rejects */
  async answer(method: string, params: unknown, context: RequestContext): Promise<unknown> {
    const found = this.#handlers.get(method);
    if (!found) {
      return new ResponseError<ErrorData>(rpcErrorNumbers.methodNotFound, `There is no request ${method}.`, {
        code: "invalid-request",
      });
    }
    try {
      return await found.handle(validated(found.type, params), context);
    } catch (error) {
      if (!(error instanceof LimnerError)) this.#onFailure(method, error);
      return wireErrorOf(error);
    }
  }
}
