import { parentPort } from "node:worker_threads";
import { type MatrixProduct, productBySize } from "../checkpoints/matrixProduct.ts";
import { asLimnerError } from "./conversionError.ts";
import { convertSubmodel } from "./submodelConversion.ts";
import type { SubmodelJob } from "./submodelJob.ts";
import type { FromWorker, ToWorker } from "./workerMessages.ts";

// The entry of a conversion's thread: it converts the one submodel it is told to.

const port = parentPort;
if (!port) throw new Error("This module runs in a worker thread.");

const waiting = new Map<number, { resolve(result: Float32Array): void; reject(error: Error): void }>();
let nextProduct = 0;

function send(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

/** Lets the main thread multiply: the runtime lives there. */
const sentProduct: MatrixProduct = (left, right, rows, inner, columns) =>
  new Promise((resolve, reject) => {
    const id = nextProduct++;
    waiting.set(id, { resolve, reject });
    send({ kind: "product", id, left, right, rows, inner, columns }, [
      left.buffer as ArrayBuffer,
      right.buffer as ArrayBuffer,
    ]);
  });

async function convert(job: SubmodelJob): Promise<void> {
  try {
    await convertSubmodel(job, {
      product: job.sendProducts ? productBySize(sentProduct) : undefined,
      onBytes: (count) => send({ kind: "bytes", count }),
    });
    send({ kind: "done" });
  } catch (error) {
    const { code, message } = asLimnerError(error);
    send({ kind: "failed", code, message });
  }
}

port.on("message", (message: ToWorker) => {
  switch (message.kind) {
    case "convert":
      void convert(message.job);
      break;
    case "product":
      waiting.get(message.id)?.resolve(message.result);
      waiting.delete(message.id);
      break;
    case "productFailed":
      waiting.get(message.id)?.reject(new Error(message.message));
      waiting.delete(message.id);
  }
});
