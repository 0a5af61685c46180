import { createHash, randomBytes } from "node:crypto";
import { lstat, mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Where a host listens, and what a client has to show it. */
export interface HostEndpoint {
  /** Path of the Unix socket, or name of the Windows pipe. */
  readonly address: string;
  /** Known only to who may read the user's files. */
  readonly token: string;
}

/** What decides which host serves: clients that differ in any of it have hosts of their own. */
export interface HostIdentity {
  readonly version: string;
  /** What tells two builds of one version apart, such as a hash of the program. */
  readonly build: string;
  /** A home may be shared by machines; a process is not. */
  readonly machine: string;
  readonly dataFolder: string;
  /** The settings that choose the runtime, as the environment has them. */
  readonly runtime: readonly string[];
}

/** The longest path of a socket: 103 bytes on macOS, 107 on Linux. */
const maximumSocketPath = 100;

const tokenPattern = /^[0-9a-f]{64}$/;
const tokenTries = 50;

function digest(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}

/** The folder of a host below the user's cache: its token, its socket, its lock and its logs. */
export function hostFolder(cacheFolder: string, identity: HostIdentity): string {
  const { version, build, machine, dataFolder, runtime } = identity;
  return join(
    cacheFolder,
    "host",
    digest(JSON.stringify([version, build, machine, dataFolder, runtime]), 16),
  );
}

/**
 * The endpoint of the host of a folder, which is made where it is missing: only the user may look into it. Client and
 * host come to the same answer before either has spoken.
 * @throws Error where no folder is safe from other users
 */
export async function hostEndpoint(
  folder: string,
  platform: NodeJS.Platform = process.platform,
): Promise<HostEndpoint> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const token = await readToken(folder, platform);
  if (platform !== "win32") return { token, address: await socketPath(folder) };
  // A pipe's name is free to everyone: one that cannot be guessed cannot be taken by another user first.
  return { token, address: `\\\\.\\pipe\\limner-${digest(`${token} pipe`, 32)}` };
}

/** The token of the folder, made by whoever comes first. */
async function readToken(folder: string, platform: NodeJS.Platform): Promise<string> {
  const file = join(folder, "token");
  for (let tries = 0; tries < tokenTries; tries++) {
    const token = await readFile(file, "utf8").catch(() => undefined);
    if (token !== undefined && tokenPattern.test(token) && (await isPrivate(file, platform))) return token;
    // Another process may be about to write it. A file that stays damaged, or that others may read, is replaced.
    if (token !== undefined && tries > tokenTries / 2) await rm(file, { force: true });
    await createToken(file);
    await pause(10);
  }
  throw new Error(`${file} cannot be written or read. Remove it and try again.`);
}

async function createToken(file: string): Promise<void> {
  try {
    const handle = await open(file, "wx", 0o600);
    await handle.writeFile(randomBytes(32).toString("hex")).finally(() => handle.close());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Windows keeps the user's folders from others by inheritance, and has no such bits. */
async function isPrivate(path: string, platform: NodeJS.Platform): Promise<boolean> {
  return platform === "win32" || ((await stat(path)).mode & 0o077) === 0;
}

/** In the folder where its path is short enough, else in a folder of the user's below the system's temporary one. */
async function socketPath(folder: string): Promise<string> {
  const near = join(folder, "host.sock");
  if (Buffer.byteLength(near) <= maximumSocketPath) return near;
  const { uid } = userInfo();
  const below = join(tmpdir(), `limner-${uid}`);
  await mkdir(below, { recursive: true, mode: 0o700 });
  // Everyone may write in the temporary folder: this one may be another user's, or a link.
  const found = await lstat(below);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0) {
    throw new Error(`${below} is open to other users. Remove it, or set TMPDIR to a folder of your own.`);
  }
  return join(below, `${digest(folder, 16)}.sock`);
}
