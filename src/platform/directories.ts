import { homedir } from "node:os";
import { posix, win32 } from "node:path";

/** What decides where a user's files go. */
export interface UserEnvironment {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** Limner's folders, one of each for the user. They need not exist yet. */
export interface UserDirectories {
  /** What a user would miss: converted models, the index of models. */
  readonly data: string;
  /** What can be made or fetched again: OpenVINO, compiled models. */
  readonly cache: string;
  /** Settings. */
  readonly config: string;
}

/**
 * Where Limner keeps its files: `LIMNER_DATA_DIR` and `LIMNER_CACHE_DIR` where they are set, else the platform's
 * own places: the XDG base directories on Linux, `~/Library` on macOS, `%LOCALAPPDATA%` on Windows.
 */
export function userDirectories(user: UserEnvironment = thisUser()): UserDirectories {
  const places = platformDirectories(user);
  return {
    ...places,
    data: absolute(user, "LIMNER_DATA_DIR") ?? places.data,
    cache: absolute(user, "LIMNER_CACHE_DIR") ?? places.cache,
  };
}

/** Where OpenVINO keeps compiled models. */
export function compiledModelsFolder(user: UserEnvironment = thisUser()): string {
  const path = user.platform === "win32" ? win32 : posix;
  return path.join(userDirectories(user).cache, "compiled");
}

/** Where it is kept how long steps of drawings took. */
export function stepTimesFile(user: UserEnvironment = thisUser()): string {
  const path = user.platform === "win32" ? win32 : posix;
  return path.join(userDirectories(user).cache, "step-times.json");
}

/** The environment of this process. */
export function thisUser(): UserEnvironment {
  return { platform: process.platform, env: process.env, home: homedir() };
}

function platformDirectories(user: UserEnvironment): UserDirectories {
  if (user.platform === "win32") {
    const local = absolute(user, "LOCALAPPDATA") ?? win32.join(user.home, "AppData", "Local");
    const inLimner = (name: string) => win32.join(local, "Limner", name);
    return { data: inLimner("Data"), cache: inLimner("Cache"), config: inLimner("Config") };
  }
  if (user.platform === "darwin") {
    const inLibrary = (...parts: string[]) => posix.join(user.home, "Library", ...parts, "Limner");
    return {
      data: inLibrary("Application Support"),
      cache: inLibrary("Caches"),
      config: inLibrary("Preferences"),
    };
  }
  const xdg = (variable: string, ...fallback: string[]) =>
    posix.join(absolute(user, variable) ?? posix.join(user.home, ...fallback), "limner");
  return {
    data: xdg("XDG_DATA_HOME", ".local", "share"),
    cache: xdg("XDG_CACHE_HOME", ".cache"),
    config: xdg("XDG_CONFIG_HOME", ".config"),
  };
}

/** The XDG specification says that a relative path is to be ignored; the same is wise everywhere. */
function absolute(user: UserEnvironment, variable: string): string | undefined {
  const path = user.platform === "win32" ? win32 : posix;
  const value = user.env[variable];
  return value !== undefined && path.isAbsolute(value) ? path.normalize(value) : undefined;
}
