import { readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../platform/replaceFile.ts";
import type { Surroundings } from "./surroundings.ts";

const fileOf = ({ folder }: Surroundings) => join(folder, "found.json");

/** The library that an earlier search found and loaded, so that the next start asks no Python. */
export function recall(surroundings: Surroundings): string | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(fileOf(surroundings), "utf8"));
    const known =
      typeof found === "object" && found !== null && "library" in found ? found.library : undefined;
    return typeof known === "string" ? known : undefined;
  } catch {
    return undefined;
  }
}

/** Notes a library that works. A folder that cannot be written costs the next start a search, nothing else. */
export async function remember(surroundings: Surroundings, library: string): Promise<void> {
  if (recall(surroundings) === library) return;
  await replaceFile(fileOf(surroundings), `${JSON.stringify({ library })}\n`).catch(() => undefined);
}
