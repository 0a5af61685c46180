/** One of several things to choose from. */
export interface Choice {
  readonly value: string;
  readonly text: string;
  readonly description?: string;
}
