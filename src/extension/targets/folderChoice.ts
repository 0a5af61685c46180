/** Which of the workspace's folders a new image goes to. */
export type FolderChoice<Folder> =
  | { kind: "one"; folder: Folder }
  /** There are several, and nothing tells which. */
  | { kind: "ask"; folders: readonly Folder[] }
  /** There is none: the user has to name one. */
  | { kind: "none" };

/**
 * The folder for a new image: the only one, else the one that the active file is in.
 * @param active the folder of the active editor or of the file that the image is made of
 */
export function chooseFolder<Folder>(
  folders: readonly Folder[],
  active: Folder | undefined,
): FolderChoice<Folder> {
  if (active !== undefined) return { kind: "one", folder: active };
  const [first] = folders;
  if (first === undefined) return { kind: "none" };
  return folders.length === 1 ? { kind: "one", folder: first } : { kind: "ask", folders };
}
