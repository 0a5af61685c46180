import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "./packageRoot.ts";

/** Limner's version, from its `package.json`. */
export function limnerVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8"));
  const version =
    typeof manifest === "object" && manifest !== null && "version" in manifest && manifest.version;
  return typeof version === "string" ? version : "0.0.0";
}
