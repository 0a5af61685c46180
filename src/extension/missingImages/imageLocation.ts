import { posix, win32 } from "node:path";

/** Where a document is. */
export interface DocumentPlace {
  /** Absolute path of its file. */
  readonly document: string;
  /** Folder of the workspace that it is in: what addresses that begin with `/` are relative to. */
  readonly root?: string;
  readonly platform?: NodeJS.Platform;
}

/** What build tools fill in (`${…}`, `{{…}}`, `<%…%>`, `@/…`, `~/…`) names no file yet. */
const template = /[{}<>|^`"*$]|^[@~]/;

/** `https:`, `data:`, a Windows drive, or `//host`. */
const elsewhere = /^([a-z][a-z0-9+.-]*:|[\\/]{2})/i;

function decoded(address: string): string | undefined {
  try {
    return decodeURIComponent(address);
  } catch {
    // `%PUBLIC_URL%/…` is a template too.
    return undefined;
  }
}

/** The file that an address names, as an absolute path; nothing for what is no file of this disk, or not known. */
export function fileOf(
  address: string,
  { document, root, platform = process.platform }: DocumentPlace,
): string | undefined {
  const path = platform === "win32" ? win32 : posix;
  if (elsewhere.test(address) || template.test(address)) return undefined;
  const name = decoded(address.replace(/[?#].*$/s, ""));
  if (!name || name.includes("\0") || /[\\/]$/.test(name)) return undefined;
  if (!name.startsWith("/")) return path.resolve(path.dirname(document), name);
  return root === undefined ? undefined : path.join(root, name);
}
