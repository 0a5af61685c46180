import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FileSystem, nodeFileSystem } from "../../src/assets/fileSystem.ts";
import { writeAsset } from "../../src/assets/writeAsset.ts";

let root: string;
let outside: string;
beforeEach(async () => {
  const base = await realpath(await mkdtemp(join(tmpdir(), "limner-assets-")));
  root = join(base, "root");
  outside = join(base, "outside");
  await Promise.all([mkdir(root), mkdir(outside)]);
});
afterEach(() => rm(join(root, ".."), { recursive: true }));

const bytes = Buffer.from("picture");
const write = (path: string, fileSystem?: FileSystem) =>
  writeAsset({ path, bytes, roots: [root] }, fileSystem);

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: made by the test`), { code });
}

describe("writing", () => {
  test("puts the bytes under the name and leaves nothing else", async () => {
    expect(await write(join(root, "cat.png"))).toBe(join(root, "cat.png"));
    expect(await readdir(root)).toEqual(["cat.png"]);
    expect(await readFile(join(root, "cat.png"), "utf8")).toBe("picture");
  });

  test("creates the folders above", async () => {
    expect(await write(join(root, "a", "b", "cat.png"))).toBe(join(root, "a", "b", "cat.png"));
    expect(await readFile(join(root, "a", "b", "cat.png"), "utf8")).toBe("picture");
  });

  test("creates a root that is not there yet", async () => {
    const fresh = join(root, "fresh");
    await writeAsset({ path: join(fresh, "x.png"), bytes, roots: [fresh] });
    expect(await readdir(fresh)).toEqual(["x.png"]);
  });

  test("never writes over a file: the next number is taken", async () => {
    await writeFile(join(root, "cat.png"), "old");
    await writeFile(join(root, "cat-2.png"), "older");
    expect(await write(join(root, "cat.png"))).toBe(join(root, "cat-3.png"));
    expect(await readFile(join(root, "cat.png"), "utf8")).toBe("old");
    expect(await readFile(join(root, "cat-2.png"), "utf8")).toBe("older");
  });

  test("nor over a folder or a link that leads nowhere", async () => {
    await mkdir(join(root, "cat.png"));
    await symlink(join(root, "nowhere"), join(root, "cat-2.png"));
    expect(await write(join(root, "cat.png"))).toBe(join(root, "cat-3.png"));
    expect(await readdir(root)).toEqual(["cat-2.png", "cat-3.png", "cat.png"]);
  });

  test("twenty at once take twenty names", async () => {
    const paths = await Promise.all(Array.from({ length: 20 }, () => write(join(root, "cat.png"))));
    expect(new Set(paths).size).toBe(20);
    expect((await readdir(root)).length).toBe(20);
  });
});

describe("the roots", () => {
  test("a path outside is refused, and no folder is created there", async () => {
    const path = join(outside, "new", "cat.png");
    await expect(write(path)).rejects.toMatchObject({
      code: "write-failed",
      message: `${path} was not written: it is not below ${root}. Choose a path in there.`,
    });
    expect(await readdir(outside)).toEqual([]);
  });

  test("so is one that leads out by ..", async () => {
    await expect(write(`${root}/../outside/cat.png`)).rejects.toThrow("it is not below");
    expect(await write(`${root}/a/../cat.png`)).toBe(join(root, "cat.png"));
  });

  test("and one that leads out by a symbolic link, at any depth", async () => {
    await symlink(outside, join(root, "link"));
    await expect(write(join(root, "link", "cat.png"))).rejects.toThrow("it is not below");
    await expect(write(join(root, "link", "deep", "er", "cat.png"))).rejects.toThrow("it is not below");
    expect(await readdir(outside)).toEqual([]);
  });

  test("a folder whose name begins like the root's is outside", async () => {
    await expect(write(join(`${root}-2`, "cat.png"))).rejects.toThrow("it is not below");
    await expect(write(join(root, "..odd", "cat.png"))).resolves.toBe(join(root, "..odd", "cat.png"));
  });

  test("a link within the root, and a root that is a link, are fine; the path stays as it was asked for", async () => {
    await mkdir(join(root, "real"));
    await symlink(join(root, "real"), join(root, "link"));
    expect(await write(join(root, "link", "cat.png"))).toBe(join(root, "link", "cat.png"));
    expect(await readdir(join(root, "real"))).toEqual(["cat.png"]);
    const alias = join(outside, "alias");
    await symlink(root, alias);
    expect(await writeAsset({ path: join(alias, "dog.png"), bytes, roots: [alias] })).toBe(
      join(alias, "dog.png"),
    );
  });

  test("a folder that becomes a link between the check and the writing is noticed", async () => {
    const swapping: FileSystem = {
      ...nodeFileSystem,
      async createFolders(path) {
        await nodeFileSystem.createFolders(join(path, ".."));
        await symlink(outside, path);
      },
    };
    await expect(write(join(root, "a", "cat.png"), swapping)).rejects.toThrow("it is not below");
    expect(await readdir(outside)).toEqual([]);
  });

  test("without roots nothing is written", async () => {
    await expect(writeAsset({ path: join(root, "cat.png"), bytes, roots: [] })).rejects.toThrow(
      "there is no folder to write to",
    );
  });
});

describe("failures get one sentence and leave nothing behind", () => {
  /** The real file system, in which one call fails. */
  const failing = (changes: Partial<FileSystem>): FileSystem => ({ ...nodeFileSystem, ...changes });
  const failingFile = (method: "write" | "sync" | "close", code: string) =>
    failing({
      async create(path) {
        const file = await nodeFileSystem.create(path);
        return {
          ...file,
          async [method]() {
            if (method === "close") await file.close();
            throw failure(code);
          },
        };
      },
    });

  test.each([
    ["write", "ENOSPC", "the disk is full. Free some space, or choose a folder on another disk."],
    ["sync", "EDQUOT", "your quota on this disk is used up. Free some space, or choose another folder."],
    ["write", "EIO", "EIO: made by the test. Check the disk, or choose another folder."],
    ["close", "ENOSPC", "the disk is full. Free some space, or choose a folder on another disk."],
  ] as const)("when %s says %s", async (method, code, rest) => {
    const path = join(root, "cat.png");
    await expect(write(path, failingFile(method, code))).rejects.toMatchObject({
      code: "write-failed",
      message: `${path} was not written: ${rest}`,
    });
    expect(await readdir(root)).toEqual([]);
  });

  test.each([
    ["EACCES", "you may not write in"],
    ["EROFS", "is on a disk that can only be read. Choose another folder."],
    ["EMFILE", "too many files are open. Close some programs and try again."],
  ])("when no file can be created: %s", async (code, sentence) => {
    const fileSystem = failing({ create: () => Promise.reject(failure(code)) });
    await expect(write(join(root, "cat.png"), fileSystem)).rejects.toThrow(sentence);
  });

  test("when no folder can be created", async () => {
    const fileSystem = failing({ createFolders: () => Promise.reject(failure("EROFS")) });
    await expect(write(join(root, "a", "cat.png"), fileSystem)).rejects.toThrow(
      `${join(root, "a", "cat.png")} was not written: ${join(root, "a")} is on a disk that can only be read.`,
    );
  });

  test("when the system says that a folder it will not create is missing, as below /proc on Linux", async () => {
    const fileSystem = failing({ createFolders: () => Promise.reject(failure("ENOENT")) });
    await expect(write(join(root, "a", "cat.png"), fileSystem)).rejects.toThrow(
      `${join(root, "a")} cannot be created. Choose another folder.`,
    );
    if (process.platform === "linux") {
      const path = "/proc/limner/deep/cat.png";
      await expect(writeAsset({ path, bytes, roots: ["/proc"] })).rejects.toMatchObject({
        code: "write-failed",
      });
    }
  });

  test("when a part of the path is a file", async () => {
    await writeFile(join(root, "file"), "");
    await expect(write(join(root, "file", "cat.png"))).rejects.toThrow(
      "is a file, not a folder. Choose another folder.",
    );
    await expect(write(join(root, "file", "deeper", "cat.png"))).rejects.toThrow("is a file, not a folder.");
  });

  test("when the name is too long", async () => {
    await expect(write(join(root, `${"a".repeat(300)}.png`))).rejects.toThrow(
      "its path is too long. Choose a shorter name",
    );
    expect(await readdir(root)).toEqual([]);
  });

  test("when links lead in a circle", async () => {
    await symlink(join(root, "b"), join(root, "a"));
    await symlink(join(root, "a"), join(root, "b"));
    await expect(write(join(root, "a", "cat.png"))).rejects.toThrow("symbolic links in");
  });

  test("a finished file whose temporary name cannot be removed is still a success", async () => {
    const fileSystem = failing({ remove: () => Promise.reject(failure("EPERM")) });
    expect(await write(join(root, "cat.png"), fileSystem)).toBe(join(root, "cat.png"));
  });

  test("a folder that cannot be synced does not undo the file", async () => {
    const fileSystem = failing({ syncFolder: () => Promise.reject(failure("EINVAL")) });
    expect(await write(join(root, "cat.png"), fileSystem)).toBe(join(root, "cat.png"));
  });
});

describe.each(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"])(
  "a file system without hard links (%s)",
  (code) => {
    const withoutLinks: FileSystem = { ...nodeFileSystem, link: () => Promise.reject(failure(code)) };

    test("still takes the next free name and leaves nothing else", async () => {
      await writeFile(join(root, "cat.png"), "old");
      expect(await write(join(root, "cat.png"), withoutLinks)).toBe(join(root, "cat-2.png"));
      expect(await readFile(join(root, "cat-2.png"), "utf8")).toBe("picture");
      expect(await readFile(join(root, "cat.png"), "utf8")).toBe("old");
      expect((await readdir(root)).sort()).toEqual(["cat-2.png", "cat.png"]);
    });

    test("twenty at once take twenty names", async () => {
      const paths = await Promise.all(
        Array.from({ length: 20 }, () => write(join(root, "cat.png"), withoutLinks)),
      );
      expect(new Set(paths).size).toBe(20);
      for (const path of paths) expect(await readFile(path, "utf8")).toBe("picture");
    });

    test("a failed renaming takes the reservation back", async () => {
      const fileSystem: FileSystem = { ...withoutLinks, rename: () => Promise.reject(failure("EIO")) };
      await expect(write(join(root, "cat.png"), fileSystem)).rejects.toMatchObject({ code: "write-failed" });
      expect(await readdir(root)).toEqual([]);
    });
  },
);
