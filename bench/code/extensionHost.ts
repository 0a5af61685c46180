// Measures Limner inside the extension host of a real VS Code: how long it takes to become active, and how long it keeps
// the extension host from other work at most while it draws: node bench/code/run.mjs bench/code/extensionHost.ts [RUNS].
// Each run is a VS Code of its own with the package that `npm run test:code` installs.
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startCodeServer } from "../../test/code/support/codeServer.ts";
import { runInExtensionHost } from "../../test/code/support/extensionHost.ts";
import { packagedLimner } from "../../test/code/support/packagedLimner.ts";
import { markRun } from "../../test/code/support/processes.ts";

const runs = Number(process.argv[2] ?? 3);
const images = 4;

interface Longest {
  /** Milliseconds by the clock. */
  readonly wall: number;
  /** Milliseconds of processor time of the extension host's thread. */
  readonly cpu: number;
  /** How often it was more than 50 ms by the clock. */
  readonly over50: number;
}

interface Measured {
  readonly activation: number;
  readonly activationCpu: number;
  readonly quiet: Longest;
  readonly job: Longest;
  readonly seconds: number;
}

async function measure(): Promise<Measured> {
  const server = await startCodeServer({ vsix: packagedLimner });
  try {
    const names = Array.from({ length: images }, (_, at) => `![a red circle](circle-${at}.png)`);
    writeFileSync(join(server.workspace, "notes.md"), names.join("\n\n"));
    const probe = join(process.cwd(), "bench", "code", "probe");
    const { code, output } = await runInExtensionHost(server, probe, join(probe, "suite.cjs"));
    const line = /^measured (\{.*\})$/m.exec(output)?.[1];
    if (code !== 0 || line === undefined) throw new Error(output);
    const drawn = readdirSync(server.workspace).filter((name) => name.endsWith(".png")).length;
    if (drawn !== images) throw new Error(`${drawn} of ${images} images were drawn.\n${output}`);
    return JSON.parse(line) as Measured;
  } finally {
    await server.stop();
  }
}

const ms = (value: number) => `${value.toFixed(1)} ms`;
const longest = ({ wall, cpu, over50 }: Longest) =>
  `${ms(wall)} by the clock (${over50} above 50 ms), ${ms(cpu)} of processor time`;

markRun();
for (let run = 1; run <= runs; run++) {
  const { activation, activationCpu, quiet, job, seconds } = await measure();
  console.log(`run ${run}`);
  console.log(`  activation: ${ms(activation)}, ${ms(activationCpu)} of them processor time`);
  console.log(`  longest block in 10 s without a job: ${longest(quiet)}`);
  console.log(`  longest block in ${seconds.toFixed(1)} s that drew ${images} images: ${longest(job)}`);
}
