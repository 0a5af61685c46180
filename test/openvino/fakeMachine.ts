import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { RuntimeLocation } from "../../src/openvino/candidates.ts";
import type { Runtime } from "../../src/openvino/runtime.ts";
import type { Surroundings } from "../../src/openvino/surroundings.ts";
import type { CommandOptions, CommandResult } from "../../src/platform/command.ts";

/** A command that was run: the program and its parameters in one line. */
export interface Call {
  readonly line: string;
  readonly cwd?: string;
}

type Answer = (parameters: readonly string[], options: CommandOptions) => Partial<CommandResult> | undefined;

/** A machine of temporary folders and commands that are answered here, to search for a runtime on. */
export class FakeMachine {
  readonly root = mkdtempSync(join(tmpdir(), "limner-machine-"));
  readonly calls: Call[] = [];
  readonly answers: Record<string, Answer> = {};

  /** A file below the machine's root. @returns its path */
  file(path: string, content = ""): string {
    const full = join(this.root, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content);
    return full;
  }

  surroundings(changes: Partial<Surroundings> = {}): Surroundings {
    return {
      platform: "linux",
      architecture: "x64",
      nodeMajor: 24,
      node: "node",
      env: {},
      folder: join(this.root, "cache", "openvino"),
      carried: undefined,
      nodePackage: join(this.root, "openvino-node"),
      systemFolders: [],
      run: async (command, parameters, options = {}) => {
        this.calls.push({ line: [command, ...parameters].join(" "), cwd: options.cwd });
        const answer = this.answers[command]?.(parameters, options);
        if (answer === undefined) return { stdout: "", stderr: "", failure: "there is no such command" };
        return { stdout: "", stderr: "", ...answer };
      },
      ...changes,
    };
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Loads any location, except those below a folder named `broken`. */
export async function fakeLoad({ backend, path }: RuntimeLocation): Promise<Runtime> {
  if (path.includes("broken")) throw new Error(`${path} cannot be used: it is too old`);
  const refuse = (): never => {
    throw new Error("this runtime only says where it is");
  };
  return {
    backend,
    version: "2026.4.1",
    libraryPath: path,
    capabilities: { cancel: false, blobs: false, elementTypes: new Set() },
    devices: refuse,
    deviceProperty: refuse,
    compile: refuse,
    importBlob: refuse,
    dispose: () => {},
  };
}
