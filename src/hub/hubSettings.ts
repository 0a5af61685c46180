import { readFileSync } from "node:fs";
import { join } from "node:path";
import { thisUser, type UserEnvironment } from "../platform/directories.ts";
import { LimnerError } from "../protocol/limnerError.ts";

/** Where the hub is, and how a user reaches it: the settings of Hugging Face's own tools. */
export interface HubSettings {
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** Goes to the endpoint's own origin and nowhere else; never into messages or logs. */
  readonly token?: string;
  /** Whether the network must not be used: only what is in the cache. */
  readonly offline: boolean;
  /** The folder that all of Hugging Face's tools share. */
  readonly cache: string;
  /** After so many milliseconds without a byte a connection counts as stalled. */
  readonly stallMilliseconds: number;
}

const defaultEndpoint = "https://huggingface.co";
const defaultStallSeconds = 10;

/** The values that Python's library takes for yes. */
function isYes(value: string | undefined): boolean {
  return value !== undefined && /^(1|on|yes|true)$/i.test(value);
}

function expanded(path: string, home: string): string {
  return path === "~" || /^~[\\/]/.test(path) ? join(home, path.slice(1)) : path;
}

function homeOf({ env, home }: UserEnvironment): string {
  const base = env["XDG_CACHE_HOME"] || join(home, ".cache");
  return expanded(env["HF_HOME"] || join(base, "huggingface"), home);
}

function endpointOf(value: string | undefined): string {
  const text = value || defaultEndpoint;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username || url.password)
    throw new LimnerError(
      "usage",
      "HF_ENDPOINT is no http or https address without a password. Correct it, or leave it out for " +
        `${defaultEndpoint}.`,
    );
  return text.replace(/\/+$/, "");
}

/** The token of a variable, else of the file that `hf auth login` writes; nothing where there is none. */
function tokenOf({ env, home }: UserEnvironment, hubHome: string): string | undefined {
  const given = env["HF_TOKEN"] || env["HUGGING_FACE_HUB_TOKEN"];
  if (given) return cleanToken(given);
  if (isYes(env["HF_HUB_DISABLE_IMPLICIT_TOKEN"])) return undefined;
  try {
    return cleanToken(
      readFileSync(expanded(env["HF_TOKEN_PATH"] || join(hubHome, "token"), home), "utf8").slice(0, 4096),
    );
  } catch {
    return undefined;
  }
}

/** Without white space around it; nothing where it could not go into a header. */
function cleanToken(text: string): string | undefined {
  const token = text.trim();
  return /^[\x21-\x7e]{1,4096}$/.test(token) ? token : undefined;
}

function stallOf(value: string | undefined): number {
  const seconds = Number(value);
  return (Number.isFinite(seconds) && seconds > 0 ? seconds : defaultStallSeconds) * 1000;
}

/**
 * Reads `HF_ENDPOINT`, `HF_TOKEN` (or the file of `hf auth login`), `HF_HUB_OFFLINE`, `HF_HOME`, `HF_HUB_CACHE` and
 * `HF_HUB_DOWNLOAD_TIMEOUT`, with the defaults of Hugging Face's Python library.
 * @throws LimnerError `usage` for an endpoint that is no address
 */
export function hubSettings(user: UserEnvironment = thisUser()): HubSettings {
  const { env, home } = user;
  const hubHome = homeOf(user);
  return {
    endpoint: endpointOf(env["HF_ENDPOINT"]),
    token: tokenOf(user, hubHome),
    offline: isYes(env["HF_HUB_OFFLINE"]) || isYes(env["TRANSFORMERS_OFFLINE"]),
    cache: expanded(env["HF_HUB_CACHE"] || env["HUGGINGFACE_HUB_CACHE"] || join(hubHome, "hub"), home),
    stallMilliseconds: stallOf(env["HF_HUB_DOWNLOAD_TIMEOUT"]),
  };
}
