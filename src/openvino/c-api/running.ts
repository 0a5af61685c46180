/** What stops the inferences that are running now. */
const running = new Set<() => void>();
let listening = false;

/**
 * Notes how a running inference is stopped, until the returned function is called. A process that ends waits for
 * its threads: without this, `process.exit()` would last as long as the inference.
 */
export function stopAtExit(stop: () => void): () => void {
  if (!listening) {
    listening = true;
    process.once("exit", () => {
      for (const stopOne of running) stopOne();
    });
  }
  running.add(stop);
  return () => running.delete(stop);
}
