import type { Target } from "./targets.ts";
import type { ZipEntry } from "./zipDirectory.ts";

/** Marketplaces refuse larger ones, and a user waits for every megabyte. */
export const longestPackage = 200e6;

/** What of a package is run as a program, below `extension/`. */
export function programsOf({ nodePackage, nodeProgram }: Target): string[] {
  return [`node_modules/${nodePackage}/${nodeProgram}`, "bin/terminal/limner"];
}

/** Everything that a package may hold, below `extension/`. */
function allowed(target: Target): RegExp[] {
  const { nodePackage, nodeProgram } = target;
  const native = `${target.os}[_-]${target.cpu}`;
  return [
    /^(package\.json|readme\.md|changelog\.md|LICENSE\.txt|ThirdPartyNotices\.txt)$/,
    /^licenses\/[\w.-]+\.txt$/,
    /^bin\/(limner\.mjs|terminal\/limner(\.cmd)?)$/,
    /^dist\/[\w-]+\.(js|cjs)$/,
    /^dist\/webview\/[\w-]+\.(js|css|ttf)$/,
    /^media\/[\w-]+\.(png|svg|md)$/,
    /^models\/catalogue\.json$/,
    /^models\/(clip-tokenizer|limner-tiny|limner-tiny-refiner)\//,
    new RegExp(`^node_modules/${nodePackage}/(package\\.json|${nodeProgram.replace(".", "\\.")})$`),
    /^node_modules\/(sharp|koffi|semver|detect-libc|@img\/colour)\/.*(package\.json|LICENSE[^/]*|\.c?js)$/,
    new RegExp(`^node_modules/@(img/sharp|img/sharp-libvips|koromix/koffi)-${native}/`),
    new RegExp(`^openvino/(${target.libraries.map((name) => name.replaceAll(".", "\\.")).join("|")})$`),
    /^openvino\/licenses\/[\w./-]+$/,
  ];
}

/** What it would not work without. */
function required(target: Target): (string | RegExp)[] {
  const native = `${target.os}-${target.cpu}`;
  return [
    ...[
      "package.json",
      "readme.md",
      "changelog.md",
      "LICENSE.txt",
      "ThirdPartyNotices.txt",
      "media/icon.png",
    ],
    ...["licenses/LGPL-3.0.txt", "licenses/GPL-3.0.txt", "licenses/node.txt", "openvino/licenses/LICENSE"],
    ...["bin/limner.mjs", "bin/terminal/limner", "bin/terminal/limner.cmd"],
    ...["dist/limner.js", "dist/host.js", "dist/conversionWorker.js", "dist/extension.cjs"],
    ...["main.js", "panel.css", "codicon.css", "codicon.ttf"].map((file) => `dist/webview/${file}`),
    ...["catalogue.json", "clip-tokenizer/merges.txt"].map((file) => `models/${file}`),
    ...["limner-tiny", "limner-tiny-refiner"].flatMap((name) =>
      ["limner.json", "unet/openvino_model.bin"].map((file) => `models/${name}/${file}`),
    ),
    `node_modules/${target.nodePackage}/${target.nodeProgram}`,
    "node_modules/sharp/package.json",
    "node_modules/koffi/index.js",
    new RegExp(`^node_modules/@img/sharp-${native}/lib/sharp-${native}-[\\d.]+\\.node$`),
    new RegExp(`^node_modules/@img/sharp-(libvips-)?${native}/lib/(lib)?vips`),
    new RegExp(`^node_modules/@koromix/koffi-${native}/${target.os}_${target.cpu}/koffi\\.node$`),
    ...target.libraries.map((name) => `openvino/${name}`),
  ];
}

/**
 * What is wrong with a package's contents, a sentence each; none where it is as it must be. The programs of a foreign
 * target cannot be run here, so this is all that is checked of them.
 * @param entries its zip directory
 * @param size bytes of the whole file
 */
export function contentProblems(target: Target, entries: readonly ZipEntry[], size: number): string[] {
  const own = entries.filter(({ name }) => name.startsWith("extension/"));
  const names = own.map(({ name }) => name.slice("extension/".length));
  const may = allowed(target);
  const problems = names
    .filter((name) => !may.some((pattern) => pattern.test(name)))
    .map((name) => `${name} is not on the list of what a package may hold.`);
  for (const wanted of required(target)) {
    const found = names.some((name) => (typeof wanted === "string" ? name === wanted : wanted.test(name)));
    if (!found) problems.push(`${typeof wanted === "string" ? wanted : wanted.source} is missing.`);
  }
  for (const executable of programsOf(target)) {
    const mode = own.find(({ name }) => name === `extension/${executable}`)?.mode;
    if (mode !== undefined && (mode & 0o111) === 0) problems.push(`${executable} is not executable.`);
  }
  const empty = own.filter(({ unpacked }) => unpacked === 0).map(({ name }) => `${name} is empty.`);
  if (size > longestPackage) {
    problems.push(`It has ${Math.ceil(size / 1e6)} MB; at most ${longestPackage / 1e6} are allowed.`);
  }
  return [...problems, ...empty];
}

/** The bytes in the archive by part, largest first. */
export function sizesByPart(entries: readonly ZipEntry[]): [part: string, bytes: number][] {
  const sums = new Map<string, number>();
  for (const { name, packed } of entries) {
    const [, top = name, second = ""] = name.split("/");
    const part = top !== "node_modules" ? top : second.startsWith("node-") ? "Node" : "sharp, koffi";
    sums.set(part, (sums.get(part) ?? 0) + packed);
  }
  return [...sums].sort((a, b) => b[1] - a[1]);
}
