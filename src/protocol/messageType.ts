import type * as z from "zod";

/** A request of a client to the host, with the shapes of what is asked and answered. */
export interface RequestType<Params extends z.ZodType = z.ZodType, Result extends z.ZodType = z.ZodType> {
  readonly method: string;
  readonly params: Params;
  readonly result: Result;
  /** Whether asking again, after the host that was asked has crashed, does no harm. */
  readonly repeatable: boolean;
}

/** A message that is not answered. */
export interface NotificationType<Params extends z.ZodType = z.ZodType> {
  readonly method: string;
  readonly params: Params;
}

/** What a request takes. */
export type ParamsOf<T extends NotificationType> = z.infer<T["params"]>;

/** What a request is answered with. */
export type ResultOf<T extends RequestType> = z.infer<T["result"]>;

/** A request that only asks, so that it can be asked again. */
export function query<Params extends z.ZodType, Result extends z.ZodType>(
  method: string,
  params: Params,
  result: Result,
): RequestType<Params, Result> {
  return { method, params, result, repeatable: true };
}

/** A request that changes something: after a crash nobody knows how far it came. */
export function command<Params extends z.ZodType, Result extends z.ZodType>(
  method: string,
  params: Params,
  result: Result,
): RequestType<Params, Result> {
  return { method, params, result, repeatable: false };
}

/** A message that is not answered. */
export function notification<Params extends z.ZodType>(
  method: string,
  params: Params,
): NotificationType<Params> {
  return { method, params };
}
