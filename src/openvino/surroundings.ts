import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type RunCommand, runCommand } from "../platform/command.ts";
import { userDirectories } from "../platform/directories.ts";
import { packageRoot } from "../platform/packageRoot.ts";

/** What finding and setting up a runtime depends on, so that tests can give another. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  /** Node's name of the processor: `x64`, `arm64`. */
  readonly architecture: string;
  /** The first number of Node's version. */
  readonly nodeMajor: number;
  /** The program that runs Node scripts. */
  readonly node: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where OpenVINO is unpacked and what was found is remembered. */
  readonly folder: string;
  /** The folder of the OpenVINO that a packaged Limner carries; absent in a checkout. */
  readonly carried: string | undefined;
  /** The folder of the package openvino-node; absent where it is not installed. */
  readonly nodePackage: string | undefined;
  /** Where distributions and archives put libraries. */
  readonly systemFolders: readonly string[];
  readonly run: RunCommand;
}

/** This process and machine. */
export function thisMachine(): Surroundings {
  return {
    platform: process.platform,
    architecture: process.arch,
    nodeMajor: Number(process.versions.node.split(".")[0]),
    node: process.execPath,
    env: process.env,
    folder: join(userDirectories().cache, "openvino"),
    carried: carriedFolder(),
    nodePackage: nodePackageFolder(),
    systemFolders: systemFolders(process.platform, process.env),
    run: runCommand,
  };
}

function carriedFolder(): string | undefined {
  const folder = join(packageRoot(), "openvino");
  return existsSync(folder) ? folder : undefined;
}

function nodePackageFolder(): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve("openvino-node/package.json"));
  } catch {
    return undefined;
  }
}

/** Where distributions, Homebrew and Intel's archives put libraries, and `INTEL_OPENVINO_DIR` before them. */
export function systemFolders(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const archive = env["INTEL_OPENVINO_DIR"];
  const fixed: Partial<Record<NodeJS.Platform, string[]>> = {
    linux: [
      ...["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/local/lib"],
      "/opt/intel/openvino",
    ],
    darwin: ["/opt/homebrew/lib", "/usr/local/lib", "/opt/intel/openvino"],
  };
  return [...(archive === undefined ? [] : [archive]), ...(fixed[platform] ?? [])].filter(existsSync);
}
