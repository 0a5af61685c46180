/**
 * The text that AUTOMATIC1111-style tools keep in a picture: the prompt, a line "Negative prompt: …", and a last
 * line of settings "Steps: 20, Sampler: Euler, …".
 */
export interface GenerationParameters {
  prompt: string;
  /** Absent where the text has no such line. */
  negativePrompt?: string;
  /** Settings by their names in the text, in its order. */
  settings: ReadonlyMap<string, string>;
}

const negativeMark = "Negative prompt:";

/** The most that is read: names of settings are short, and a text of more is no one's parameters. */
const limits = { text: 1024 * 1024, settings: 512, name: 64 };

/** With fewer settings, the last line counts as part of the prompt, as the tools do. */
const fewestSettings = 3;

/** Values with a comma, colon, quotation mark or line break are written as JSON strings. */
function formatValue(value: string): string {
  return /^\s|\s$|^"|[,:\n\r]/.test(value) ? JSON.stringify(value) : value;
}

/** Writes the text as the tools do. */
export function formatParameters({ prompt, negativePrompt, settings }: GenerationParameters): string {
  const negative = negativePrompt === undefined ? "" : `\n${negativeMark} ${negativePrompt}`;
  const list = [...settings].map(([name, value]) => `${name}: ${formatValue(value)}`).join(", ");
  return `${prompt}${negative}\n${list}`;
}

/** The end of a JSON string that begins at `start`, after its closing quotation mark; −1 when it has none. */
function quotedEnd(line: string, start: number): number {
  for (let i = start + 1; i < line.length; i++) {
    if (line[i] === "\\") i++;
    else if (line[i] === '"') return i + 1;
  }
  return -1;
}

function unquote(quoted: string): string {
  try {
    const value: unknown = JSON.parse(quoted);
    return typeof value === "string" ? value : quoted;
  } catch {
    return quoted;
  }
}

/** Reads "Name: value, Name: value". Scans once, without a regular expression that could go back over the line. */
function parseSettings(line: string): Map<string, string> {
  const settings = new Map<string, string>();
  let at = 0;
  while (at < line.length && settings.size < limits.settings) {
    const colon = line.indexOf(":", at);
    if (colon < 0) break;
    const name = line.slice(at, colon).trim();
    let start = colon + 1;
    while (line[start] === " ") start++;
    const closing = line[start] === '"' ? quotedEnd(line, start) : -1;
    const separator = line.indexOf(",", closing < 0 ? start : closing);
    const end = separator < 0 ? line.length : separator;
    if (/^[A-Za-z0-9_][\w /-]*$/.test(name) && name.length <= limits.name) {
      settings.set(name, closing < 0 ? line.slice(start, end).trim() : unquote(line.slice(start, closing)));
    }
    at = end + 1;
  }
  return settings;
}

/**
 * Reads the text of AUTOMATIC1111, Forge, ComfyUI's savers and Limner itself. Texts of another shape become a prompt
 * without settings; what goes beyond 1 MB is ignored.
 */
export function parseParameters(text: string): GenerationParameters {
  const lines = text.slice(0, limits.text).replace(/\0+$/, "").split("\n");
  while (lines.length > 1 && lines.at(-1)?.trim() === "") lines.pop();
  let settings = parseSettings(lines.at(-1) ?? "");
  if (settings.size < fewestSettings) settings = new Map();
  else lines.pop();

  const mark = lines.findIndex((line) => line.startsWith(negativeMark));
  if (mark < 0) return { prompt: lines.join("\n"), settings };
  const [first = "", ...rest] = lines.slice(mark);
  const negative = [first.slice(negativeMark.length).replace(/^ /, ""), ...rest];
  return { prompt: lines.slice(0, mark).join("\n"), negativePrompt: negative.join("\n"), settings };
}
