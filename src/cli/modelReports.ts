import type { CatalogueEntry } from "../models/catalogue.ts";
import type { Recommendation } from "../models/configSchemas.ts";
import type { ModelDescription } from "../models/inspectModel.ts";
import { memoryText } from "../models/memoryNeed.ts";
import { licenseOf } from "../models/store/licenses.ts";
import type { InterruptedDownload } from "../models/store/listInterrupted.ts";
import type { ListedModel } from "../models/store/listModels.ts";
import type { InspectedRepository } from "../models/store/repositoryLookup.ts";
import type { Verification } from "../models/store/verifyModel.ts";
import { bytesText } from "../platform/quantityText.ts";

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}

const states = { ready: "", "not-converted": "not converted yet", missing: "files are gone" } as const;

/** A download that did not end: what is there, how it goes on and how it goes away. */
function interruptedText({ id, resume, isRunning, bytesDone, bytesTotal }: InterruptedDownload): string {
  const done = `${id}: ${bytesText(bytesDone)} of ${bytesText(bytesTotal)} fetched`;
  if (isRunning) return `${done}, and going on\n`;
  const { what, name, revision } = resume;
  const options = `${name ? ` --name ${name}` : ""}${revision ? ` --revision ${revision}` : ""}`;
  return `${done}. Go on: limner models get ${what}${options}. Remove: limner models remove ${id}\n`;
}

/** The list of models and of downloads that did not end, with the disk they take in all. */
export function listText(
  models: readonly ListedModel[],
  interrupted: readonly InterruptedDownload[],
): string {
  const rows = models.map(({ name, type, weights, bytes, sourceBytes, from, origin, state }) => [
    name,
    type,
    weights ?? "",
    bytesText(bytes),
    sourceBytes > 0 ? `+ ${bytesText(sourceBytes)} checkpoint` : "",
    origin === "built-in" ? "comes with Limner" : (from ?? ""),
    states[state],
  ]);
  const taken = [
    ...models.flatMap(({ bytes, sourceBytes }) => [bytes, sourceBytes]),
    ...interrupted.map(({ bytes }) => bytes),
  ];
  const total = taken.reduce((sum, bytes) => sum + bytes, 0);
  return `${table(rows)}${interrupted.map(interruptedText).join("")}${bytesText(total)} in all\n`;
}

/** The catalogue. */
export function catalogueText(entries: readonly CatalogueEntry[]): string {
  return table(
    entries.map(({ name, kind, role, repository, nonCommercial }) => [
      name,
      kind === "openvino" ? "ready to draw" : kind === "checkpoint" ? "to convert" : "LoRA",
      role,
      repository,
      nonCommercial ? "non-commercial" : "",
    ]),
  );
}

function recommendationText(recommendation: Recommendation | undefined): string | undefined {
  if (!recommendation) return undefined;
  const { scheduler, timestepSpacing, sigmas, steps, guidanceScale, width, height } = recommendation;
  const parts = [
    scheduler,
    timestepSpacing && `${timestepSpacing} timesteps`,
    sigmas && `${sigmas} sigmas`,
    steps !== undefined && `${steps} steps`,
    guidanceScale !== undefined && `guidance ${guidanceScale}`,
    width !== undefined && height !== undefined && `${width}x${height}`,
  ].filter((part) => typeof part === "string");
  return parts.length > 0 ? parts.join(", ") : undefined;
}

function lines(rows: readonly (readonly [string, string | undefined])[]): string {
  return table(rows.flatMap(([label, value]) => (value ? [[label, value]] : [])));
}

const kinds = {
  openvino: "OpenVINO IR, ready to draw",
  diffusers: "checkpoint in diffusers' layout, to convert",
  "single-file": "checkpoint in one file, to convert",
  lora: "LoRA",
} as const;

const millions = (count: number): string => `${(count / 1e6).toFixed(count < 1e8 ? 1 : 0)} million`;

/** What a model on this machine is. */
export function descriptionText(model: ModelDescription): string {
  const { size, memoryBytes, submodels = [] } = model;
  return lines([
    ["Path", model.path],
    ["Kind", kinds[model.kind]],
    ["Architecture", model.architecture],
    ["Prediction", model.predictionType],
    ["Draws at", size && `${size.width}x${size.height}`],
    ["Parameters", millions(model.parameters)],
    ["Size", bytesText(model.bytes)],
    ["Memory", size && memoryBytes !== undefined ? memoryText({ memoryBytes, size }) : undefined],
    ...submodels.map(
      (one) =>
        [`  ${one.name}`, `${millions(one.parameters)}, ${one.precision}, ${bytesText(one.bytes)}`] as const,
    ),
    ["Rank", model.rank === undefined ? undefined : String(model.rank)],
    ["Modules", model.modules === undefined ? undefined : String(model.modules)],
    ["License", model.license],
    ["Recommended", recommendationText(model.recommendation)],
  ]);
}

/** What a repository of the hub is. */
export function repositoryText({
  repository,
  kind,
  recommendation,
  bytes,
  memory,
}: InspectedRepository): string {
  return lines([
    ["Repository", `${repository.repository} at ${repository.commit.slice(0, 12)}`],
    ["Kind", kinds[kind.kind]],
    ["To fetch", `${bytesText(bytes)} in ${kind.files.length} files`],
    ["Memory", memory && memoryText(memory)],
    ["License", licenseOf(repository) ?? "none stated"],
    ["Access", repository.gated ? "gated: its authors ask to accept conditions" : undefined],
    ["Recommended", recommendationText(recommendation)],
  ]);
}

/** What a check found. */
export function verificationText({ name, files, bytes, problems }: Verification): string {
  if (problems.length === 0) return `${name}: ${files} files, ${bytesText(bytes)}: all as they came\n`;
  const words = { missing: "is missing", size: "has another size", content: "has other contents" };
  return problems.map(({ file, problem }) => `${name}: ${file} ${words[problem]}\n`).join("");
}
