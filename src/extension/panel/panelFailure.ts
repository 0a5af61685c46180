import { type PanelFailure, remedyCommandSchema } from "../../protocol/panel/panelJob.ts";
import { failureOf, remedyOf } from "../failure.ts";

/** What the panel is told of an error; nothing where there is nothing to tell. */
export function panelFailure(error: unknown): PanelFailure | undefined {
  const failure = failureOf(error);
  if (failure.kind === "silent") return undefined;
  const { title, command } = remedyOf(failure);
  const known = remedyCommandSchema.safeParse(command);
  return { sentence: failure.sentence, remedy: known.success ? { title, command: known.data } : undefined };
}
