import { posix } from "node:path";

/** The contents of a small file of the system's; nothing where it is missing or may not be read. */
export type ReadSystemFile = (path: string) => string | undefined;

/** What limits a group of processes, and what the group has taken, in bytes. */
interface GroupMemory {
  limit: number;
  used: number;
}

/** Files of one kind of control groups. */
interface GroupFiles {
  /** Where they are mounted. */
  mount: string;
  limits: readonly string[];
  used: string;
  /** Names in `memory.stat` of what is a mere copy of files, which the kernel takes back before it refuses. */
  files: readonly string[];
}

const version2: GroupFiles = {
  mount: "/sys/fs/cgroup",
  // Above `high` a group is slowed down until nothing moves, above `max` it is killed.
  limits: ["memory.max", "memory.high"],
  used: "memory.current",
  files: ["inactive_file", "active_file"],
};

const version1: GroupFiles = {
  mount: "/sys/fs/cgroup/memory",
  limits: ["memory.limit_in_bytes"],
  used: "memory.usage_in_bytes",
  files: ["total_inactive_file", "total_active_file"],
};

/** Kernels write "no limit" as `max` or as a number near 2⁶³. */
function bytesOf(text: string | undefined): number | undefined {
  const value = text !== undefined && /^\d+\s*$/.test(text) ? Number(text) : undefined;
  return value !== undefined && value < 2 ** 60 ? value : undefined;
}

function groupMemory(folder: string, files: GroupFiles, read: ReadSystemFile): GroupMemory | undefined {
  const limits = files.limits.map(
    (name) => bytesOf(read(posix.join(folder, name))) ?? Number.POSITIVE_INFINITY,
  );
  const limit = Math.min(...limits);
  const used = bytesOf(read(posix.join(folder, files.used)));
  if (!Number.isFinite(limit) || used === undefined) return undefined;
  const lines = (read(posix.join(folder, "memory.stat")) ?? "").split("\n").map((line) => line.split(" "));
  const copies = lines.filter(([name]) => name !== undefined && files.files.includes(name));
  const reclaimable = copies.reduce((sum, [, value]) => sum + (bytesOf(value) ?? 0), 0);
  return { limit, used: Math.max(0, used - reclaimable) };
}

/** The groups this process is in: `0::/path` of version 2, `4:memory:/path` of version 1. */
function memberships(read: ReadSystemFile): { files: GroupFiles; path: string }[] {
  const lines = (read("/proc/self/cgroup") ?? "").split("\n");
  return lines.flatMap((line) => {
    const [, controllers = "", path = ""] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === "") return [];
    if (controllers === "") return [{ files: version2, path }];
    return controllers.split(",").includes("memory") ? [{ files: version1, path }] : [];
  });
}

/**
 * What the control groups of this process leave it, in bytes; nothing where none limits it. A limit of a group
 * above counts too. In a container the path that the kernel names may not be visible: then the group that is mounted
 * as the topmost is the container's.
 */
export function cgroupHeadroom(read: ReadSystemFile): number | undefined {
  const headrooms: number[] = [];
  for (const { files, path } of memberships(read)) {
    for (let at = posix.normalize(path); ; at = posix.dirname(at)) {
      const memory = groupMemory(posix.join(files.mount, at), files, read);
      if (memory) headrooms.push(Math.max(0, memory.limit - memory.used));
      if (at === "/" || at === ".") break;
    }
  }
  return headrooms.length === 0 ? undefined : Math.min(...headrooms);
}
