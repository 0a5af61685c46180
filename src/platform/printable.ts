/** A text from elsewhere for a terminal, which does what control characters say: only line ends and tabs stay. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, "\ufffd");
}
