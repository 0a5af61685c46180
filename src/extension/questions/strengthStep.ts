import { listStep, type Step } from "./multiStep.ts";
import { strengthChoices } from "./strength.ts";

/** A question of several: how much of a picture is drawn anew. @param question what is asked, before the two ways to say it */
export function strengthStep(title: string, question: string, take: (strength: number) => void): Step {
  const placeholder = `${question}: a word, or a number from 0 to 1`;
  const choices = (typed: string) => strengthChoices(typed);
  return listStep({ title, placeholder, choices }, ({ strength }) => take(strength));
}
