// Writes docs/licenses.md from the lock files; with --check, fails where the page is stale or a license that ships is
// not one of those allowed.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./install.mjs";

const page = join(root, "docs", "licenses.md");
const allowed =
  /^(MIT|MIT-0|ISC|0BSD|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|BlueOak-1\.0\.0|CC0-1\.0|Unlicense|Python-2\.0)$/;

/** Packages that may also ship under one more license, each with the reason. */
const exceptions = [
  {
    name: /^@img\/sharp-/,
    license: "LGPL-3.0-or-later",
    reason: "libvips as sharp ships it: a shared library of its own, replaceable, with its notice",
  },
  {
    name: /^@vscode\/codicons$/,
    license: "CC-BY-4.0",
    reason: "VS Code's own icons, unchanged, as a font of the panel, with its notice",
  },
];

/** Whether every alternative that must hold is allowed: `A AND B` needs both, `A OR B` one. */
function isAllowed({ name, license }) {
  const granted = exceptions.filter((one) => one.name.test(name)).map((one) => one.license);
  const may = (term) => allowed.test(term) || granted.includes(term);
  const terms = license.replaceAll(/[()]/g, "");
  return terms.split(" OR ").some((choice) => choice.split(" AND ").every((term) => may(term.trim())));
}

/** The packages of a folder's lock file, in the order of their names. */
function lockedPackages(...folder) {
  const lock = JSON.parse(readFileSync(join(root, ...folder, "package-lock.json"), "utf8"));
  return Object.entries(lock.packages)
    .filter(([path]) => path !== "")
    .map(([path, entry]) => ({
      name: path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
      version: entry.version,
      license: entry.license ?? "unknown",
      development: entry.dev === true || entry.devOptional === true,
    }))
    .sort((a, b) => (a.name + a.version < b.name + b.version ? -1 : 1));
}

const packages = lockedPackages();

function table(rows) {
  const unique = new Set(rows.map(({ name, version, license }) => `| ${name} | ${version} | ${license} |`));
  return ["| Package | Version | License |", "|---|---|---|", ...unique].join("\n");
}

const shipped = packages.filter((entry) => !entry.development);
const shippedNames = shipped.map(({ name, version }) => `${name} ${version}`);
const carried = lockedPackages("packaging").filter(
  ({ name, version }) => !shippedNames.includes(`${name} ${version}`),
);
const text = `# Licenses

Made by \`npm run licenses\` from the lock files; do not edit. Limner itself is Apache-2.0.

## What ships

${table(shipped)}

A packaged Limner (VSIX) bundles the packages in JavaScript, carries \`koffi\` and \`sharp\` with what they need on its
platform, and one of these:

${table(carried)}

Node itself is MIT with the licenses of what it is built with (\`packaging/licenses/node.txt\`). Beside the packages:
OpenVINO (Apache-2.0) with oneDNN (Apache-2.0), oneTBB (Apache-2.0) and hwloc (BSD-3-Clause), fetched by the set-up or
carried by a packaged Limner; CLIP's vocabulary in \`models/clip-tokenizer\` (MIT); the models in the box,
\`models/limner-tiny\` and its refiner \`models/limner-tiny-refiner\` (Apache-2.0). \`ThirdPartyNotices.txt\` in the VSIX
has the texts of all these licenses.

Exceptions to MIT, BSD, ISC, Apache-2.0 and the like:

${exceptions.map(({ name, license, reason }) => `- \`${name.source}\` (${license}): ${reason}.`).join("\n")}

## What is used to develop

${table(packages.filter((entry) => entry.development))}

## What is used to test in VS Code

Of \`test/code\`; nothing of it ships.

${table(lockedPackages("test", "code"))}
`;

const refused = [...shipped, ...carried].filter((entry) => !isAllowed(entry));
for (const { name, version, license } of refused) {
  console.error(`${name} ${version} would ship under "${license}", which is not allowed.`);
}
if (process.argv.includes("--check")) {
  let current = "";
  try {
    current = readFileSync(page, "utf8");
  } catch {
    // A missing page is a stale page.
  }
  if (current !== text) {
    console.error("docs/licenses.md is stale: run npm run licenses.");
    process.exit(1);
  }
} else {
  writeFileSync(page, text);
}
process.exit(refused.length === 0 ? 0 : 1);
