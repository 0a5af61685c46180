import { FolderWatch } from "../../platform/folderWatch.ts";
import { isWithin } from "../../platform/pathContainment.ts";
import { imagesChanged } from "../../protocol/imagesChanged.ts";
import type { ImageLibrary } from "../imageLibrary.ts";
import type { RequestHandlers } from "../server/requestHandlers.ts";
import type { Session } from "../server/session.ts";

/**
 * Requests about images in a client's folders. Who has listed them is told when there are others.
 * @param cacheFolder the user's cache
 */
export function imageHandlers(cacheFolder: string): RequestHandlers {
  let opened: Promise<ImageLibrary> | undefined;
  // It reads pictures with sharp, which is loaded when it is first needed.
  const library = () => {
    opened ??= import("../imageLibrary.ts").then(({ ImageLibrary }) => new ImageLibrary(cacheFolder));
    return opened;
  };
  const watches = new WeakMap<Session, FolderWatch>();
  const watchOf = (session: Session) => {
    const known = watches.get(session);
    if (known) return known;
    const watch = new FolderWatch(() => session.notify(imagesChanged, {}));
    watches.set(session, watch);
    session.gone.addEventListener("abort", () => watch.close());
    return watch;
  };
  return {
    listImages: async ({ folders: wanted, ...options }, { session }) => {
      const roots = wanted?.filter((folder) => session.roots.some((root) => isWithin(root, folder)));
      const { generated } = await library();
      const { folders, ...list } = await generated.list(roots ?? session.roots, options);
      if (!session.gone.aborted) watchOf(session).follow(folders);
      return list;
    },
    imageThumbnail: async ({ file, size }, { session }) => {
      const { data, width, height } = await (await library()).thumbnails.of(file, session.roots, size);
      return { mimeType: "image/webp", width, height, data: data.toString("base64") };
    },
    removeBackground: async (wanted, { session, signal }) => {
      const { removeBackground } = await import("../backgroundRemoval.ts");
      return removeBackground(wanted, session.roots, signal);
    },
    readParameters: async ({ file }) => (await library()).parameters(file),
  };
}
