import type * as vscode from "vscode";
import type { ImageReference } from "./imageReference.ts";

/** Documents that may name images. */
export const selector = [
  { language: "markdown", scheme: "file" },
  { language: "html", scheme: "file" },
] as const;

/** A longer text is not looked at: parsing it would hold up other extensions. */
const longestText = 500_000;

/** Whether a document is looked at. */
export function isWatched({ languageId, uri }: vscode.TextDocument): boolean {
  return selector.some(({ language, scheme }) => language === languageId && scheme === uri.scheme);
}

/** The images that a text names. The parsers are loaded with the first text. */
export async function referencesOf(languageId: string, text: string): Promise<ImageReference[]> {
  if (text.length > longestText) return [];
  if (languageId === "html") return (await import("./htmlReferences.ts")).htmlReferences(text);
  return (await import("./markdownReferences.ts")).markdownReferences(text);
}
