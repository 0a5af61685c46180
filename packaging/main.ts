import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../src/protocol/limnerError.ts";
import { sizesByPart } from "./contents.ts";
import { stage } from "./stage.ts";
import { type Target, targetOf, targets } from "./targets.ts";
import { pack, type Vsix } from "./vsix.ts";

const usage = `Usage: npm run package -- --target ${Object.keys(targets).join("|")}|all [--list]

Builds the VSIX of a platform, on any machine, into out/. --list prints every file in it.
`;

const root = process.cwd();
const out = join(root, "out");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

function print({ file, bytes, entries }: Vsix, list: boolean): void {
  const megabytes = (count: number) => `${(count / 1e6).toFixed(1)} MB`;
  const unpacked = entries.reduce((sum, entry) => sum + entry.unpacked, 0);
  console.log(`${file}: ${megabytes(bytes)}, ${entries.length} files, ${megabytes(unpacked)} unpacked`);
  const parts = sizesByPart(entries).filter(([, size]) => size > 50_000);
  console.log(`  ${parts.map(([part, size]) => `${part} ${megabytes(size)}`).join(", ")}`);
  if (!list) return;
  for (const { name, unpacked: size, mode } of entries) {
    console.log(`  ${mode.toString(8)} ${String(size).padStart(11)} ${name}`);
  }
}

function wantedTargets(name: string | undefined): Target[] {
  if (name === "all") return Object.values(targets);
  return [targetOf(name ?? `${process.platform}-${process.arch}`)];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { target: { type: "string" }, list: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  for (const target of wantedTargets(values.target)) {
    const folder = join(out, "package", target.name);
    await stage(root, target, folder, join(out, "wheels"));
    print(pack(target, folder, join(out, `limner-${target.name}-${version}.vsix`)), values.list ?? false);
  }
}

try {
  await main();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
