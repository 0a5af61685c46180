import { basename, dirname, extname, posix, win32 } from "node:path";

/** What to insert. */
export interface Insertion {
  readonly text: string;
  /** Whether it has to stand on lines of its own. */
  readonly isBlock: boolean;
}

/** An image to be named in a document. */
export interface NamedImage {
  /** Path relative to the document, with `/` between its parts. */
  readonly path: string;
  /** What it shows. */
  readonly alt: string;
}

type Form = (image: NamedImage) => Insertion;

const inline = (text: string): Insertion => ({ text, isBlock: false });
const block = (text: string): Insertion => ({ text, isBlock: true });

/** `encodeURI` throws at half a pair, which a file's name may hold. */
const loneSurrogate = /\p{Surrogate}/gu;

/** A path as part of a URL: `encodeURI` leaves what would end a Markdown link or begin a fragment. */
export function urlOf(path: string): string {
  const code = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURI(path.replaceAll(loneSurrogate, "\ufffd")).replaceAll(/[()#?']/g, code);
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, " ").trim();

const htmlText = (text: string) =>
  oneLine(text)
    .replaceAll("&", "&amp;")
    .replaceAll('"', "&quot;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");

const markdown: Form = ({ path, alt }) =>
  inline(`![${oneLine(alt).replaceAll(/[\\[\]]/g, "\\$&")}](${urlOf(path)})`);

const html: Form = ({ path, alt }) => inline(`<img src="${urlOf(path)}" alt="${htmlText(alt)}">`);

const css: Form = ({ path }) => inline(`url("${urlOf(path)}")`);

const moduleImport: Form = ({ path }) => {
  const from = path.startsWith(".") ? path : `./${path}`;
  return block(`import ${identifierOf(path)} from ${JSON.stringify(from)};`);
};

const asciidoc: Form = ({ path, alt }) => {
  const text = oneLine(alt).replaceAll("]", "\\]");
  // Attributes are separated by commas unless they are quoted.
  const attribute = /[,"=]/.test(text) ? `"${text.replaceAll('"', '\\"')}"` : text;
  return block(`image::${urlOf(path)}[${attribute}]`);
};

const restructuredText: Form = ({ path, alt }) =>
  block(`.. image:: ${urlOf(path)}\n   :alt: ${oneLine(alt)}`);

const latex: Form = ({ path }) => {
  // TeX reads these as its own; everything else may be in a file's name.
  const name = /[%#&~_^$\\{}]/.test(path) ? `\\detokenize{${path}}` : path;
  return inline(`\\includegraphics{${name}}`);
};

const forms: Readonly<Record<string, Form>> = {
  markdown,
  mdx: markdown,
  quarto: markdown,
  rmd: markdown,
  html,
  vue: html,
  svelte: html,
  astro: html,
  handlebars: html,
  php: html,
  xml: html,
  css,
  scss: css,
  sass: css,
  less: css,
  stylus: css,
  javascriptreact: moduleImport,
  typescriptreact: moduleImport,
  asciidoc,
  restructuredtext: restructuredText,
  latex,
  tex: latex,
};

/** Whether a language has a form of its own for images. */
export function hasImageForm(languageId: string): boolean {
  return Object.hasOwn(forms, languageId);
}

/** How a language names an image; where it has no form of its own, the path alone. */
export function insertionFor(languageId: string, image: NamedImage): Insertion {
  const form = Object.hasOwn(forms, languageId) ? forms[languageId] : undefined;
  return form ? form(image) : inline(image.path);
}

/**
 * The text to insert into a line, with the line breaks that a block needs around it.
 * @param before what the line has before the place
 * @param after what it has behind it
 */
export function textInLine({ text, isBlock }: Insertion, before: string, after: string, eol = "\n"): string {
  const own = text.replaceAll("\n", eol);
  if (!isBlock) return own;
  return `${before.trim() === "" ? "" : eol}${own}${after.trim() === "" ? "" : eol}`;
}

/** A JavaScript name for a file: `red-circle-7.png` is `redCircle7`. */
export function identifierOf(path: string): string {
  const stem = basename(path, extname(path));
  const words = stem.split(/[^A-Za-z0-9]+/).filter(Boolean);
  const name = words
    .map(
      (word, index) =>
        (index === 0 ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase()) + word.slice(1),
    )
    .join("");
  if (name === "") return "image";
  return /^\d/.test(name) ? `image${name}` : name;
}

/**
 * The path of a file as a document names it, with `/` between its parts. On another Windows drive it stays absolute.
 * @param document absolute path of the document
 */
export function pathFromDocument(
  document: string,
  file: string,
  platform: NodeJS.Platform = process.platform,
): string {
  if (platform === "win32") {
    return win32.relative(win32.dirname(document), file).replaceAll("\\", "/");
  }
  return posix.relative(dirname(document), file);
}
