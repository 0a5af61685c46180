/** How much of a picture is drawn anew, by a word. */
export interface StrengthWord {
  readonly word: string;
  readonly strength: number;
  readonly meaning: string;
}

/** From what is hardly seen to what only keeps the colors. */
export const strengthWords: readonly StrengthWord[] = [
  { word: "A touch", strength: 0.2, meaning: "textures and small details change" },
  { word: "A little", strength: 0.35, meaning: "details change, shapes stay" },
  { word: "Half", strength: 0.5, meaning: "shapes may change, the composition stays" },
  { word: "A lot", strength: 0.7, meaning: "the composition is a hint" },
  { word: "Nearly all", strength: 0.9, meaning: "only colors and the rough layout stay" },
];

/**
 * The strength that was typed: a number from 0 to 1 (`0.4`, `,4`), or a percentage (`40 %`).
 * @returns nothing for what is neither; 0 is none, because nothing would be drawn
 */
export function parseStrength(typed: string): number | undefined {
  const match = /^\s*(\d*[.,]?\d+)\s*(%?)\s*$/.exec(typed);
  if (!match) return undefined;
  const [, digits = "", percent] = match;
  const number = Number(digits.replace(",", "."));
  const strength = percent === "%" ? number / 100 : number;
  return strength > 0 && strength <= 1 ? strength : undefined;
}

/** An entry of the list of strengths. */
export interface StrengthChoice {
  readonly label: string;
  readonly description: string;
  readonly strength: number;
}

/** What is to choose from: the number that was typed, else the words. */
export function strengthChoices(typed: string, known = strengthWords): StrengthChoice[] {
  const number = parseStrength(typed);
  if (number !== undefined) {
    return [{ label: String(number), description: "as typed", strength: number }];
  }
  const words = known.filter(({ word }) => word.toLowerCase().includes(typed.trim().toLowerCase()));
  return words.map(({ word, strength, meaning }) => ({
    label: word,
    description: `${strength}: ${meaning}`,
    strength,
  }));
}
