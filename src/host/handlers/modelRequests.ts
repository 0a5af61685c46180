import type { requests } from "../../protocol/requests.ts";
import type { RequestHandler } from "../server/requestHandlers.ts";

type Requests = typeof requests;

/** The names of the requests about models. */
export type ModelRequestName =
  | "listModels"
  | "inspectModel"
  | "downloadModel"
  | "importModel"
  | "convertModel"
  | "verifyModel"
  | "removeModel";

/** A handler for each request about models. */
export type ModelHandlers = { readonly [Name in ModelRequestName]: RequestHandler<Requests[Name]> };
