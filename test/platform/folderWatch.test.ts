import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { FolderWatch, type WatchOne } from "../../src/platform/folderWatch.ts";

const roots = new Map([
  ["/project", new Set(["/project", "/project/a"])],
  ["/other", new Set(["/other"])],
]);

function recorded(platform: NodeJS.Platform) {
  const watched = new Map<string, { recursive: boolean; change: () => void }>();
  let changes = 0;
  const watchOne: WatchOne = (folder, recursive, change) => {
    if (folder === "/gone") throw new Error("ENOENT");
    watched.set(folder, { recursive, change });
    return () => watched.delete(folder);
  };
  const watch = new FolderWatch(() => (changes += 1), { platform, watchOne, quiet: 0 });
  return { watch, watched, changes: () => changes };
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

describe("a watch of folders", () => {
  it.each(["win32", "darwin"] as const)("is one for each root on %s", (platform) => {
    const { watch, watched } = recorded(platform);
    watch.follow(roots);
    expect([...watched].map(([folder, { recursive }]) => [folder, recursive])).toEqual([
      ["/project", true],
      ["/other", true],
    ]);
  });

  it("is one for each folder that is named on Linux", () => {
    const { watch, watched } = recorded("linux");
    watch.follow(roots);
    expect([...watched].map(([folder, { recursive }]) => [folder, recursive])).toEqual([
      ["/project", false],
      ["/project/a", false],
      ["/other", false],
    ]);
  });

  it("follows other folders, stops with the last, and passes over what is gone", () => {
    const { watch, watched } = recorded("linux");
    watch.follow(roots);
    const kept = watched.get("/project");
    watch.follow(new Map([["/project", new Set(["/project", "/gone", "/project/b"])]]));
    expect([...watched.keys()]).toEqual(["/project", "/project/b"]);
    expect(watched.get("/project")).toBe(kept);
    watch.close();
    expect(watched.size).toBe(0);
  });

  it("gathers what changes together", async () => {
    const { watch, watched, changes } = recorded("linux");
    watch.follow(roots);
    for (let event = 0; event < 20; event++) watched.get("/project/a")?.change();
    await soon();
    expect(changes()).toBe(1);
    watched.get("/other")?.change();
    await soon();
    expect(changes()).toBe(2);
  });

  it("takes a bounded number of watches", () => {
    const { watch, watched } = recorded("linux");
    const many = Array.from({ length: 2000 }, (_, index) => `/project/${index}`);
    watch.follow(new Map([["/project", new Set(many)]]));
    expect(watched.size).toBe(256);
  });

  it("hears of a file that is written here", async () => {
    const folder = mkdtempSync(join(tmpdir(), "limner-watch-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    await new Promise<void>((resolve) => {
      const watch = new FolderWatch(() => {
        clearInterval(writing);
        watch.close();
        resolve();
      });
      watch.follow(new Map([[folder, new Set([folder])]]));
      // The system may begin to watch a little later.
      const writing = setInterval(() => writeFileSync(join(folder, "a.png"), String(Math.random())), 50);
    });
  });
});
