/** The next turn of the event loop: what waits in it, other extensions' work too, comes first. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
