import type { LimnerErrorCode } from "../protocol/limnerError.ts";
import type { SubmodelJob } from "./submodelJob.ts";

/** What a conversion's thread is told. */
export type ToWorker =
  | { readonly kind: "convert"; readonly job: SubmodelJob }
  | { readonly kind: "product"; readonly id: number; readonly result: Float32Array }
  | { readonly kind: "productFailed"; readonly id: number; readonly message: string };

/** A product of matrices that the main thread computes, because the runtime lives there. */
export interface ProductRequest {
  readonly kind: "product";
  readonly id: number;
  readonly left: Float32Array;
  readonly right: Float32Array;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/** What a conversion's thread says. */
export type FromWorker =
  | { readonly kind: "bytes"; readonly count: number }
  | ProductRequest
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly code: LimnerErrorCode; readonly message: string };
