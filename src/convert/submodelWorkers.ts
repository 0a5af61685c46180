import { Worker } from "node:worker_threads";
import type { MatrixProduct } from "../checkpoints/matrixProduct.ts";
import { LimnerError, messageOf } from "../protocol/limnerError.ts";
import { cancelled } from "./conversionError.ts";
import type { SubmodelJob } from "./submodelJob.ts";
import type { FromWorker, ProductRequest, ToWorker } from "./workerMessages.ts";

/** What the starter of a job does for it. */
export interface JobServices {
  readonly signal?: AbortSignal;
  readonly onBytes: (count: number) => void;
  readonly product: MatrixProduct;
}

function send(worker: Worker, message: ToWorker, transfer: ArrayBuffer[] = []): void {
  worker.postMessage(message, transfer);
}

/** Computes a product for a thread; matrices travel without being copied. */
async function answer(worker: Worker, request: ProductRequest, product: MatrixProduct): Promise<void> {
  const { id, left, right, rows, inner, columns } = request;
  try {
    const result = await product(left, right, rows, inner, columns);
    send(worker, { kind: "product", id, result }, [result.buffer as ArrayBuffer]);
  } catch (error) {
    send(worker, { kind: "productFailed", id, message: messageOf(error) });
  }
}

/**
 * Converts one submodel in a thread of its own.
 * @param script the bundled worker
 * @throws LimnerError when the conversion fails or is cancelled; the thread has ended by then
 */
export async function convertInWorker(script: URL, job: SubmodelJob, services: JobServices): Promise<void> {
  const { signal, onBytes, product } = services;
  if (signal?.aborted) throw cancelled();
  // Buffers are counted by the garbage collector of the thread that owns them: small limits keep them few.
  const worker = new Worker(script, { resourceLimits: { maxOldGenerationSizeMb: 512 } });
  try {
    await new Promise<void>((resolve, reject) => {
      const stop = () => reject(cancelled());
      signal?.addEventListener("abort", stop, { once: true });
      worker.on("message", (message: FromWorker) => {
        switch (message.kind) {
          case "bytes":
            onBytes(message.count);
            break;
          case "product":
            void answer(worker, message, product);
            break;
          case "done":
            signal?.removeEventListener("abort", stop);
            resolve();
            break;
          case "failed":
            reject(new LimnerError(message.code, message.message));
        }
      });
      worker.on("error", (error) =>
        reject(new LimnerError("conversion-failed", `The conversion's thread failed: ${messageOf(error)}`)),
      );
      worker.on("exit", (code) =>
        reject(new LimnerError("conversion-failed", `The conversion's thread ended early (${code}).`)),
      );
      send(worker, { kind: "convert", job });
    });
  } finally {
    await worker.terminate();
  }
}
