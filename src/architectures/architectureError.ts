/** Why a network cannot be built. The message is a sentence for the user: it names the value at fault and the remedy. */
export class ArchitectureError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ArchitectureError";
  }
}
