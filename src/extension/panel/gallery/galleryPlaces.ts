import { realpath } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { isWithin } from "../../../platform/pathContainment.ts";
import type { ListedImage } from "../../../protocol/listImages.ts";
import type { GalleryImage } from "../../../protocol/panel/gallery.ts";

/** A folder of the workspace. */
export interface GalleryFolder {
  readonly name: string;
  /** Absolute path, by which the user opened it. */
  readonly path: string;
}

/**
 * The folders that the gallery shows images of. The host names files without symbolic links; VS Code and the user know
 * them by the folder that was opened.
 */
export class GalleryPlaces {
  readonly folders: readonly string[];
  /** Whether they are those of the workspace; else those where images go without one. */
  readonly isWorkspace: boolean;
  readonly #roots: readonly { readonly real: string; readonly path: string; readonly prefix: string }[];

  private constructor(folders: readonly GalleryFolder[], reals: readonly string[], isWorkspace: boolean) {
    this.isWorkspace = isWorkspace;
    this.folders = folders.map(({ path }) => path);
    this.#roots = folders.map(({ name, path }, index) => ({
      real: reals[index] ?? path,
      path,
      prefix: folders.length > 1 ? `${name}/` : "",
    }));
  }

  static async of(folders: readonly GalleryFolder[], isWorkspace = true): Promise<GalleryPlaces> {
    const reals = await Promise.all(folders.map(({ path }) => realpath(path).catch(() => path)));
    return new GalleryPlaces(folders, reals, isWorkspace);
  }

  /** An image of the host's list as the user knows it; outside of the folders it keeps its whole path. */
  imageOf(listed: ListedImage): GalleryImage {
    const root = this.#roots
      .filter(({ real }) => isWithin(real, listed.file))
      .sort((a, b) => b.real.length - a.real.length)[0];
    if (!root) return { ...listed, path: listed.file };
    const way = relative(root.real, listed.file);
    return {
      ...listed,
      file: join(root.path, way),
      path: `${root.prefix}${way.replaceAll(sep, "/")}`,
    };
  }
}
