/** Runs tasks one after the other, in the order they came; a failed task does not stop the next. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();

  add<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task, task);
    // The rejection belongs to whoever awaits `result`.
    this.#last = result.catch(() => undefined);
    return result;
  }
}
