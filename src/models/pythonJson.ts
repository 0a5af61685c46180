/**
 * Parses JSON as Python writes it, which may hold `Infinity`, `-Infinity` and `NaN` (diffusers saves
 * `lambda_min_clipped` so). NaN becomes null.
 * @throws SyntaxError
 */
export function parsePythonJson(text: string): unknown {
  if (!/Infinity|NaN/.test(text)) return JSON.parse(text);
  const plain = text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, (token) => {
    if (token.startsWith('"')) return token;
    // Too large to be finite, so that it is read as infinite.
    return token === "NaN" ? "null" : token.replace("Infinity", "1e999");
  });
  return JSON.parse(plain);
}
