import { watch } from "node:fs";

/** Watches one folder, with all below it where `recursive`. Returns what stops it. @throws where it cannot be watched */
export type WatchOne = (folder: string, recursive: boolean, onChange: () => void) => () => void;

/** What a watch goes by; each has a default. */
export interface FolderWatchOptions {
  readonly platform?: NodeJS.Platform;
  readonly watchOne?: WatchOne;
  /** Milliseconds that changes are gathered (default: 300): one save is many events. */
  readonly quiet?: number;
}

/** Linux gives a user some thousands of watches for all programs together. */
const mostFolders = 256;

const watchOneByNode: WatchOne = (folder, recursive, onChange) => {
  const watcher = watch(folder, { recursive, persistent: false }, onChange);
  // The folder is gone, or the system has no watches left: who lists again finds out.
  watcher.on("error", () => watcher.close());
  return () => watcher.close();
};

/**
 * Tells when something below folders changes. Where the system watches whole trees (Windows, macOS) each root is
 * watched as one. On Linux every folder takes a watch of its own, and a workspace has tens of thousands: there only
 * those that are named are watched.
 */
export class FolderWatch {
  readonly #onChange: () => void;
  readonly #watchesTrees: boolean;
  readonly #watchOne: WatchOne;
  readonly #quiet: number;
  readonly #watched = new Map<string, () => void>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    onChange: () => void,
    { platform = process.platform, watchOne = watchOneByNode, quiet = 300 }: FolderWatchOptions = {},
  ) {
    this.#onChange = onChange;
    this.#watchesTrees = platform === "win32" || platform === "darwin";
    this.#watchOne = watchOne;
    this.#quiet = quiet;
  }

  /** Watches these instead of those before. @param folders by root, the folders of interest below it, the root too */
  follow(folders: ReadonlyMap<string, ReadonlySet<string>>): void {
    const named = this.#watchesTrees ? folders.keys() : [...folders.values()].flatMap((below) => [...below]);
    const wanted = new Set([...named].slice(0, mostFolders));
    for (const [folder, stop] of this.#watched) {
      if (wanted.has(folder)) continue;
      stop();
      this.#watched.delete(folder);
    }
    for (const folder of wanted) {
      if (this.#watched.has(folder)) continue;
      try {
        this.#watched.set(
          folder,
          this.#watchOne(folder, this.#watchesTrees, () => this.#changed()),
        );
      } catch {
        // It is gone, or may not be watched.
      }
    }
  }

  #changed(): void {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#onChange();
    }, this.#quiet);
    this.#timer.unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.follow(new Map());
  }
}
