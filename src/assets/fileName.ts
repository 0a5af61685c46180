import { LimnerError } from "../protocol/limnerError.ts";

/** How long the part of a name that comes from a prompt may be. */
const maximumSlugLength = 60;

/** What a file's name may take on common file systems, in bytes of UTF-8, with room for a number and a temporary name. */
const maximumSegmentBytes = 200;

/** Letters that Unicode does not decompose into an ASCII letter and a mark. */
const folded: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  þ: "th",
  ł: "l",
  ı: "i",
};

/** Names that Windows keeps for devices, with any extension. */
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i;

/**
 * A text as the part of a file's name: lower-case ASCII letters and digits with hyphens between words, at most 60
 * characters, cut at a word where one ends late enough. `image` where nothing is left.
 */
export function slugOf(text: string): string {
  const ascii = text
    .toLowerCase()
    .replace(/[ßæœøđðþłı]/g, (letter) => folded[letter] ?? "")
    .normalize("NFKD")
    .replace(/[\u0300-\u036f'’]/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  const cut = ascii.slice(0, maximumSlugLength);
  const lastWord = ascii.length > cut.length && ascii[cut.length] !== "-" ? cut.lastIndexOf("-") : -1;
  const whole = lastWord > maximumSlugLength / 2 ? cut.slice(0, lastWord) : cut;
  return safeSegment(whole.replace(/-+$/, "") || "image");
}

function cutToBytes(text: string, bytes: number): string {
  let kept = "";
  let size = 0;
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > bytes) break;
    kept += character;
  }
  return kept;
}

/**
 * A folder's or file's name that every common system takes: without the characters Windows forbids, without spaces
 * and dots at its end, not a device's name, and at most 200 bytes long with its extension whole.
 */
export function safeSegment(name: string): string {
  const allowed = name
    .replace(/[<>:"/\\|?*\p{Cc}]/gu, "-")
    .replace(/[. ]+$/, "")
    .trimStart();
  const named = reserved.test(allowed) ? `_${allowed}` : allowed;
  if (named === "") return "_";
  if (Buffer.byteLength(named) <= maximumSegmentBytes) return named;
  const extension = /\.[A-Za-z0-9]{1,8}$/.exec(named)?.[0] ?? "";
  return (
    cutToBytes(named.slice(0, named.length - extension.length), maximumSegmentBytes - extension.length) +
    extension
  );
}

/** What a pattern may name. */
export interface NameValues {
  prompt: string;
  seed: number;
  /** The day of the drawing, in the user's time zone. */
  date: Date;
  model: string;
  /** Number of the image in its batch, from 1. */
  index: number;
}

/** A day as 2026-11-23. */
function dayOf(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/**
 * Fills a pattern such as `assets/${slug}-${seed}.png`. Folders are separated by `/` (or `\`); each part becomes a
 * name that every system takes. `..` stays, for the check of the roots to judge.
 * @throws LimnerError `usage` for a name that is not `slug`, `seed`, `date`, `model` or `index`
 */
export function fillPattern(pattern: string, values: NameValues): string {
  const known: Readonly<Record<string, string>> = {
    slug: slugOf(values.prompt),
    seed: String(values.seed),
    date: dayOf(values.date),
    model: slugOf(values.model),
    index: String(values.index),
  };
  const filled = pattern.replace(/\$\{([^}]*)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(known, name) ? known[name] : undefined;
    if (value !== undefined) return value;
    throw new LimnerError(
      "usage",
      `The file name pattern has ${whole}, which is not known: use \${slug}, \${seed}, \${date}, \${model} or \${index}.`,
    );
  });
  return filled
    .split(/[/\\]/)
    .map((part, place) => {
      const isDrive = place === 0 && /^[A-Za-z]:$/.test(part);
      return part === "" || part === "." || part === ".." || isDrive ? part : safeSegment(part);
    })
    .join("/");
}

/** The name to try when others are taken: `cat.png`, `cat-2.png`, `cat-3.png`. */
export function numberedName(name: string, number: number): string {
  if (number <= 1) return name;
  const dot = name.lastIndexOf(".");
  return dot <= 0 ? `${name}-${number}` : `${name.slice(0, dot)}-${number}${name.slice(dot)}`;
}
