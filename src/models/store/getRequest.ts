import { catalogue } from "../catalogue.ts";
import type { ModelStore } from "./modelStore.ts";
import type { ConversionWishes } from "./modelWork.ts";
import { sourcePath } from "./storedModel.ts";

/** What to get. */
export interface GetRequest extends ConversionWishes {
  /** A name of the catalogue or of a model that came from the hub, `owner/name`, `owner/name/file`, or a page's address. */
  readonly what: string;
  /** How it is to be called. */
  readonly name?: string;
  readonly revision?: string;
  /** Whether a checkpoint is converted at once; true where it is not given. */
  readonly convert?: boolean;
}

/** A request for a model that is here already: as it was got and converted, where it says nothing else. */
export function asBefore(store: ModelStore, request: GetRequest): GetRequest {
  const known = store.find(request.name ?? request.what);
  const origin = known?.source ?? known?.drawable;
  if (!known || !origin?.hub) return request;
  const { name, weights, groupSize } = known;
  const converted = request.weights ? request : { ...request, weights, groupSize };
  const isNamed = request.what.toLowerCase() === name.toLowerCase();
  if (!isNamed || catalogue().some((entry) => entry.name === request.what)) return converted;
  const { repository, revision } = origin.hub;
  const path = sourcePath(origin, (_, file = "") => `/${file}`);
  const what = path === origin.folder ? repository : `${repository}${path}`;
  return { ...converted, what, name: request.name ?? name, revision: request.revision ?? revision };
}
