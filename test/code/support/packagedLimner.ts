import { readFileSync } from "node:fs";
import { join } from "node:path";

const { version } = JSON.parse(readFileSync("package.json", "utf8"));

/** The VSIX of this platform, which `npm run test:code` builds before it starts the tests. */
export const packagedLimner = join(
  process.cwd(),
  "out",
  `limner-${process.platform}-${process.arch}-${version}.vsix`,
);
