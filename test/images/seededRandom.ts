/** A small generator for tests that try many inputs: the same seed gives the same inputs (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A text of up to `length` pieces, among them those that formats stumble over. */
export function oddText(random: () => number, length: number): string {
  const pieces = [
    "cat",
    " ",
    ", ",
    ":",
    '"',
    "\\",
    "'",
    "<",
    ">",
    "&",
    "&amp;",
    "(word:1.3)",
    "Negative prompt:",
    "Steps: 20, a: b, c: d",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "\u0007",
    "é",
    "ß",
    "猫",
    "🐈",
    "\ud83d",
    "\uffff",
    "]]>",
    "</limner:Request>",
    "${slug}",
    "\u2028",
  ];
  const count = Math.floor(random() * (length + 1));
  return Array.from({ length: count }, () => pieces[Math.floor(random() * pieces.length)] ?? "").join("");
}
