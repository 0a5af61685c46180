import { dirname } from "node:path";
import { LimnerError, messageOf } from "../protocol/limnerError.ts";
import { codeOf } from "./fileSystem.ts";

/** What the system said, as a sentence about the file with what to do. */
function sentence(file: string, error: unknown): string {
  const folder = dirname(file);
  switch (codeOf(error)) {
    case "ENOSPC":
      return `${file} was not written: the disk is full. Free some space, or choose a folder on another disk.`;
    case "EDQUOT":
      return `${file} was not written: your quota on this disk is used up. Free some space, or choose another folder.`;
    case "EACCES":
    case "EPERM":
      return `${file} was not written: you may not write in ${folder}. Change its permissions, or choose another folder.`;
    case "EROFS":
      return `${file} was not written: ${folder} is on a disk that can only be read. Choose another folder.`;
    case "ENOENT":
      return `${file} was not written: ${folder} cannot be created. Choose another folder.`;
    case "ENAMETOOLONG":
      return `${file} was not written: its path is too long. Choose a shorter name or folder.`;
    case "ENOTDIR":
    case "EEXIST":
      return `${file} was not written: a part of ${folder} is a file, not a folder. Choose another folder.`;
    case "ELOOP":
      return `${file} was not written: symbolic links in ${folder} lead in a circle. Choose another folder.`;
    case "EMFILE":
    case "ENFILE":
      return `${file} was not written: too many files are open. Close some programs and try again.`;
    case "EFBIG":
      return `${file} was not written: it is too large for this disk. Choose a folder on another disk.`;
    default:
      return `${file} was not written: ${messageOf(error)}. Check the disk, or choose another folder.`;
  }
}

/** The error of a failed write, `write-failed`, with the system's own as its cause. */
export function writeFailure(file: string, error: unknown): LimnerError {
  return error instanceof LimnerError
    ? error
    : new LimnerError("write-failed", sentence(file, error), { cause: error });
}
