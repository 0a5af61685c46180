import { isDeviceName } from "../platform/deviceName.ts";
import { LimnerError } from "../protocol/limnerError.ts";

/** What a user names: a repository of the hub, and perhaps a file or a revision of it. */
export interface RepositoryName {
  /** `owner/name`, or a name alone for the hub's oldest repositories. */
  readonly repository: string;
  readonly revision?: string;
  /** Path in the repository. */
  readonly file?: string;
}

const part = "[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_-])?";
const repositoryPattern = new RegExp(`^${part}(/${part})?$`);
const revisionPattern = /^(?!\/)(?!.*(\.\.|\/\/|@\{))[\w.\-/]{1,200}(?<![/.])$/;

/** Whether a text may be the id of a repository: `owner/name`. */
export function isRepositoryId(text: string): boolean {
  return repositoryPattern.test(text) && !/--|\.\./.test(text);
}

/**
 * Whether a path of a repository may become a file below a folder on every system: relative, without `.` and `..`,
 * without characters that Windows refuses.
 */
export function isSafePath(path: string): boolean {
  if (path.length === 0 || path.length > 400) return false;
  return path.split("/").every(
    (name) =>
      name.length > 0 &&
      !/^\.{1,2}$/.test(name) &&
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
      !/[<>:"|?*\\\u0000-\u001f\u007f-\u009f]/.test(name) &&
      !/[. ]$/.test(name) &&
      !isDeviceName(name),
  );
}

function refused(text: string): LimnerError {
  return new LimnerError(
    "usage",
    `"${text.slice(0, 200)}" is neither a repository (owner/name) nor the address of a model's page.`,
  );
}

/** The address of a page: `https://HOST/owner/name`, `…/tree/REVISION`, `…/blob/REVISION/FILE`, `…/resolve/…`. */
function fromAddress(text: string, endpoint: string): RepositoryName {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const hosts = [new URL(endpoint).host, "huggingface.co", "hf.co", "www.huggingface.co"];
  if (!url || !hosts.includes(url.host))
    throw new LimnerError(
      "usage",
      `${text.slice(0, 200)} is not a page of ${new URL(endpoint).host}. Give the address of a model there, or owner/name.`,
    );
  const [owner = "", name = "", kind, revision, ...rest] = url.pathname
    .split("/")
    .filter((piece) => piece !== "")
    .map(decoded);
  if (["datasets", "spaces", "collections", "api"].includes(owner))
    throw new LimnerError("usage", `${text.slice(0, 200)} is not the page of a model.`);
  const repository = `${owner}/${name}`;
  const file = rest.join("/");
  if (!isRepositoryId(repository)) throw refused(text);
  if (kind === undefined) return { repository };
  if (
    !["tree", "blob", "resolve", "raw"].includes(kind) ||
    revision === undefined ||
    !revisionPattern.test(revision)
  )
    throw refused(text);
  if (file === "") return { repository, revision };
  if (!isSafePath(file)) throw refused(text);
  // A folder of the tree is still the whole model.
  return kind === "tree" ? { repository, revision } : { repository, revision, file };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/**
 * Reads `owner/name`, `owner/name@revision`, `owner/name/file.safetensors` or the address of a model's page.
 * @param endpoint of the hub in use, whose pages are taken too
 * @throws LimnerError `usage`
 */
export function parseRepositoryName(text: string, endpoint: string): RepositoryName {
  if (/^https?:\/\//i.test(text)) return fromAddress(text, endpoint);
  const [path = "", revision, ...more] = text.split("@");
  if (more.length > 0 || (revision !== undefined && !revisionPattern.test(revision))) throw refused(text);
  const [owner = "", name = "", ...rest] = path.split("/");
  const repository = `${owner}/${name}`;
  const file = rest.join("/");
  if (!isRepositoryId(repository) || (file !== "" && !isSafePath(file))) throw refused(text);
  return { repository, ...(revision ? { revision } : {}), ...(file ? { file } : {}) };
}
