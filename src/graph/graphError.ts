/** An error whose message is a sentence for the user: it names the file or node, the value at fault and the remedy. */
export class GraphError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "GraphError";
  }
}
