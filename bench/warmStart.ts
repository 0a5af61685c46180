// Times `npm start` with the model in the box, from the start of the process to its end: node bench/run.mjs
// bench/warmStart.ts [RUNS]. The first run, which may install, build and compile, is not counted.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";

const runs = Number(process.argv[2] ?? 5);
const folder = mkdtempSync(join(tmpdir(), "limner-warm-"));
const args = [
  "start",
  "--silent",
  "--",
  "a red circle on a blue background",
  "--steps",
  "20",
  "--out",
  folder,
];

/** Seconds of one run. */
function timed(): number {
  const began = performance.now();
  const { status, stderr } = spawnSync("npm", args, {
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error(`npm start ended with ${status}: ${stderr}`);
  return (performance.now() - began) / 1000;
}

try {
  timed();
  const seconds = Array.from({ length: runs }, timed).sort((a, b) => a - b);
  const [fastest = 0, median = 0] = [seconds[0], seconds[Math.floor(runs / 2)]];
  console.log(`npm ${args.slice(0, -1).join(" ")} FOLDER: ${runs} runs on ${cpus().length} cores`);
  console.log(`fastest ${fastest.toFixed(2)} s, median ${median.toFixed(2)} s`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
