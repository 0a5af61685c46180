import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { wheelVersion } from "../src/openvino/wheel.ts";

/** Something of other people's that the package holds. */
export interface Work {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** The license's own text, or where in the package it is. */
  readonly text: string;
}

const introduction = `Limner is licensed under Apache-2.0 (LICENSE.txt). This package also holds the works below, each under its own license.

libvips and the libraries that it is built with (in node_modules/@img) are used under LGPL-3.0-or-later, among others:
the table below lists them. They are shared libraries of their own, loaded at run time; you may replace them with builds
of your own by putting these in their place. Their sources and build scripts are at
https://github.com/lovell/sharp-libvips and https://github.com/libvips/build-win64-mxe, in the versions that
node_modules/@img/*/versions.json names. The texts of LGPL-3.0 and GPL-3.0 are in licenses/.
`;

/** Where the license is of packages that bring no file of it (or one as long as Node's). */
const textElsewhere: readonly { readonly name: RegExp; readonly text: string }[] = [
  { name: /^@koromix\/koffi-/, text: "The license of koffi, below." },
  { name: /^node-/, text: "licenses/node.txt" },
  { name: /^gearhash-jit$/, text: "licenses/gearhash-jit.txt" },
  { name: /^saxes$/, text: "licenses/saxes.txt" },
];

/** The texts that a package brings in `licenses/`, from the folder of the same name beside this file. */
const texts = ["LGPL-3.0.txt", "GPL-3.0.txt", "gearhash-jit.txt", "node.txt", "saxes.txt"];

/**
 * Writes `ThirdPartyNotices.txt` and the folder `licenses` into a staged package: the licenses of what is bundled, of
 * its node_modules, of OpenVINO and of the vocabulary.
 * @param root the project, whose `dist/bundled.json` lists the bundled packages
 * @throws Error for a work whose license has no text
 */
export function writeNotices(root: string, folder: string): void {
  const licenses = join(folder, "licenses");
  mkdirSync(licenses, { recursive: true });
  for (const name of texts) {
    cpSync(join(root, "packaging", "licenses", name), join(licenses, name));
  }
  const bundled: string[] = JSON.parse(readFileSync(join(root, "dist", "bundled.json"), "utf8"));
  const works = [
    ...bundled.map((path) => packageWork(join(root, path))),
    ...packageFolders(join(folder, "node_modules")).map(packageWork),
    ...otherWorks(root),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
  const sections = works.map(
    ({ name, version, license, text }) =>
      `${line}\n${name} ${version} (${license})\n${line}\n\n${text.trim()}\n`,
  );
  writeFileSync(join(folder, "ThirdPartyNotices.txt"), `${introduction}\n${sections.join("\n")}`);
}

const line = "-".repeat(100);

/** The folders of all packages directly in a node_modules folder, scoped ones among them. */
function packageFolders(modules: string): string[] {
  return readdirSync(modules)
    .filter((name) => !name.startsWith("."))
    .flatMap((name) =>
      name.startsWith("@")
        ? readdirSync(join(modules, name)).map((inner) => join(modules, name, inner))
        : [join(modules, name)],
    );
}

/** A package by its folder. @throws Error where its license has no text */
export function packageWork(folder: string): Work {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return { name, version, license, text: licenseText(name, folder) };
}

function licenseText(name: string, folder: string): string {
  const known = textElsewhere.find((one) => one.name.test(name));
  if (known !== undefined) return known.text;
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying)\b/i.test(file));
  const found = files.map((file) => readFileSync(join(folder, file), "utf8"));
  // Where sharp brings libvips, its page lists the works in it with their licenses.
  if (existsSync(join(folder, "versions.json"))) {
    found.push(
      readFileSync(join(folder, "README.md"), "utf8"),
      readFileSync(join(folder, "versions.json"), "utf8"),
    );
  }
  if (found.length === 0)
    throw new Error(`${name} has no license file: say in packaging/notices.ts where it is.`);
  return found.join("\n\n");
}

function otherWorks(root: string): Work[] {
  const vocabulary = join(root, "models", "clip-tokenizer");
  return [
    {
      name: "OpenVINO with oneDNN, oneTBB and hwloc",
      version: wheelVersion,
      license: "Apache-2.0 and others",
      text: "openvino/licenses/",
    },
    {
      name: "CLIP's vocabulary",
      version: "ViT-L/14",
      license: "MIT",
      text: readFileSync(join(vocabulary, "LICENSE"), "utf8"),
    },
  ];
}
