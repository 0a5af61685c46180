import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

/** How much is kept. */
export interface Rotation {
  /** A file of more is put aside. */
  bytes: number;
  /** Files that are kept beside the current one. */
  files: number;
}

const usual: Rotation = { bytes: 1024 * 1024, files: 3 };

/** A text file that is put aside when it is full: `host.log`, `host.log.1`, … Lines are on disk when `write` returns. */
export class RotatingFile {
  readonly #path: string;
  readonly #rotation: Rotation;
  #handle: number | undefined;
  #size = 0;

  constructor(path: string, rotation: Rotation = usual) {
    this.#path = path;
    this.#rotation = rotation;
  }

  /** Appends a line. A log that cannot be written is no reason to fail. */
  write(line: string): void {
    try {
      const bytes = Buffer.from(`${line}\n`);
      if (this.#handle !== undefined && this.#size + bytes.length > this.#rotation.bytes) this.#rotate();
      this.#handle ??= this.#open();
      writeSync(this.#handle, bytes);
      this.#size += bytes.length;
    } catch {
      this.close();
    }
  }

  #open(): number {
    mkdirSync(dirname(this.#path), { recursive: true });
    const handle = openSync(this.#path, "a", 0o600);
    this.#size = fstatSync(handle).size;
    if (this.#size <= this.#rotation.bytes) return handle;
    closeSync(handle);
    this.#rotate();
    return openSync(this.#path, "a", 0o600);
  }

  #rotate(): void {
    this.close();
    const { files } = this.#rotation;
    rmSync(`${this.#path}.${files}`, { force: true });
    for (let number = files - 1; number >= 0; number--) {
      const from = number === 0 ? this.#path : `${this.#path}.${number}`;
      if (existsSync(from)) renameSync(from, `${this.#path}.${number + 1}`);
    }
    this.#size = 0;
  }

  close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
  }
}
