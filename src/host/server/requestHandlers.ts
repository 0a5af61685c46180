import type { ParamsOf, RequestType, ResultOf } from "../../protocol/messageType.ts";
import type { requests } from "../../protocol/requests.ts";
import type { Session } from "./session.ts";

/** What a handler knows of who asks. */
export interface RequestContext {
  session: Session;
  /** Aborted when the client cancels the request or is gone. */
  signal: AbortSignal;
}

/** Answers a request whose parameters are validated. @throws LimnerError */
export type RequestHandler<T extends RequestType> = (
  params: ParamsOf<T>,
  context: RequestContext,
) => ResultOf<T> | Promise<ResultOf<T>>;

type Requests = typeof requests;

/** A handler for requests of the protocol, by their names there. */
export type RequestHandlers = { readonly [Name in keyof Requests]?: RequestHandler<Requests[Name]> };
