import { freemem, totalmem } from "node:os";
import { describe, expect, it } from "vitest";
import { availableMemory, type MemorySource } from "../../src/platform/memory.ts";

const GiB = 2 ** 30;

/** A machine that has these files, and 1 GiB that Node calls free. */
function machine(
  platform: NodeJS.Platform,
  files: Record<string, string> = {},
  stdout = "",
): MemorySource & { commands: string[] } {
  const commands: string[] = [];
  return {
    platform,
    commands,
    readFile: (path) => files[path],
    free: () => GiB,
    run: async (command) => {
      commands.push(command);
      return stdout === ""
        ? { stdout, stderr: "", failure: "there is no such command" }
        : { status: 0, stdout, stderr: "" };
    },
  };
}

const meminfo =
  "MemTotal:       25165824 kB\nMemFree:         1048576 kB\nMemAvailable:   20971520 kB\nBuffers: 1 kB\n";
const noLimit = "9223372036854771712\n";

describe("memory on Linux", () => {
  it("is MemAvailable, not MemFree", async () => {
    expect(await availableMemory(machine("linux", { "/proc/meminfo": meminfo }))).toBe(20 * GiB);
  });

  it("is what Node says where the kernel is too old to say", async () => {
    expect(await availableMemory(machine("linux", { "/proc/meminfo": "MemFree: 5 kB\n" }))).toBe(GiB);
  });

  it("is what a control group of version 2 leaves, copies of files aside", async () => {
    const group = "/sys/fs/cgroup/user.slice/limner.scope";
    const files = {
      "/proc/meminfo": meminfo,
      "/proc/self/cgroup": "0::/user.slice/limner.scope\n",
      [`${group}/memory.max`]: `${8 * GiB}\n`,
      [`${group}/memory.high`]: "max\n",
      [`${group}/memory.current`]: `${6 * GiB}\n`,
      [`${group}/memory.stat`]: `anon 1\ninactive_file ${2 * GiB}\nactive_file ${GiB}\nfile 9\n`,
    };
    expect(await availableMemory(machine("linux", files))).toBe(5 * GiB);
  });

  it("heeds memory.high, and a limit of a group above", async () => {
    const files = {
      "/proc/meminfo": meminfo,
      "/proc/self/cgroup": "0::/a/b\n",
      "/sys/fs/cgroup/a/b/memory.max": "max\n",
      "/sys/fs/cgroup/a/b/memory.high": `${4 * GiB}\n`,
      "/sys/fs/cgroup/a/b/memory.current": `${GiB}\n`,
      "/sys/fs/cgroup/a/memory.max": `${3 * GiB}\n`,
      "/sys/fs/cgroup/a/memory.current": `${2 * GiB}\n`,
    };
    expect(await availableMemory(machine("linux", files))).toBe(GiB);
  });

  it("is nothing where a group has used up its limit", async () => {
    const files = {
      "/proc/meminfo": meminfo,
      "/proc/self/cgroup": "0::/\n",
      "/sys/fs/cgroup/memory.max": `${GiB}\n`,
      "/sys/fs/cgroup/memory.current": `${GiB + 4096}\n`,
    };
    expect(await availableMemory(machine("linux", files))).toBe(0);
  });

  it("is what a control group of version 1 leaves, whose path a container does not see", async () => {
    const mount = "/sys/fs/cgroup/memory";
    const files = {
      "/proc/meminfo": meminfo,
      "/proc/self/cgroup": "5:cpu,cpuacct:/docker/4f\n4:memory:/docker/4f\n0::/\n",
      [`${mount}/memory.limit_in_bytes`]: `${2 * GiB}\n`,
      [`${mount}/memory.usage_in_bytes`]: `${GiB}\n`,
      [`${mount}/memory.stat`]: `inactive_file 7\ntotal_inactive_file ${GiB / 2}\ntotal_active_file ${GiB / 4}\n`,
    };
    expect(await availableMemory(machine("linux", files))).toBe(1.75 * GiB);
  });

  it("is the machine's where no group limits it", async () => {
    const files = {
      "/proc/meminfo": meminfo,
      "/proc/self/cgroup": "4:memory:/\n0::/\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": noLimit,
      "/sys/fs/cgroup/memory/memory.usage_in_bytes": `${GiB}\n`,
      "/sys/fs/cgroup/memory.max": "max\n",
      "/sys/fs/cgroup/memory.current": `${GiB}\n`,
    };
    expect(await availableMemory(machine("linux", files))).toBe(20 * GiB);
  });

  it("takes a damaged figure for no limit", async () => {
    const files = {
      "/proc/meminfo": meminfo,
      "/proc/self/cgroup": "0::/../..\n1:memory\nnonsense\n",
      "/sys/fs/cgroup/memory.max": "-3\n",
      "/sys/fs/cgroup/memory.current": "many\n",
    };
    expect(await availableMemory(machine("linux", files))).toBe(20 * GiB);
  });
});

const vmStat = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               10000.
Pages active:                            300000.
Pages inactive:                          200000.
Pages speculative:                         5000.
Pages throttled:                              0.
Pages wired down:                        100000.
Pages purgeable:                           2000.
"Translation faults":                 123456789.
`;

describe("memory on macOS", () => {
  it("is free, inactive and speculative pages", async () => {
    const mac = machine("darwin", {}, vmStat);
    expect(await availableMemory(mac)).toBe(215_000 * 16_384);
    expect(mac.commands).toEqual(["vm_stat"]);
  });

  it("is what Node says where vm_stat fails or says something else", async () => {
    expect(await availableMemory(machine("darwin"))).toBe(GiB);
    expect(await availableMemory(machine("darwin", {}, "vm_stat: not today\n"))).toBe(GiB);
  });
});

describe("memory on Windows", () => {
  it("is what the system calls available, without running anything", async () => {
    const windows = machine("win32", { "/proc/meminfo": meminfo }, vmStat);
    expect(await availableMemory(windows)).toBe(GiB);
    expect(windows.commands).toEqual([]);
  });
});

it("this machine's memory is a part of what it has", async () => {
  const available = await availableMemory();
  expect(available).toBeGreaterThan(0);
  expect(available).toBeLessThanOrEqual(totalmem());
  if (process.platform === "win32") expect(available).toBeLessThan(freemem() * 2);
});
