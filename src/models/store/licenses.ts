import type { Repository } from "../../hub/repositoryListing.ts";
import { bytesText } from "../../platform/quantityText.ts";
import { licenseSentence } from "../../protocol/licenseSentence.ts";
import { LimnerError } from "../../protocol/limnerError.ts";
import { catalogueEntryOf } from "../catalogue.ts";
import { type MemoryNeed, memoryText } from "../memoryNeed.ts";
import type { ModelStore } from "./modelStore.ts";
import type { LicenseQuestion, ModelWorkHooks } from "./modelWork.ts";

/** What a repository says about its license. */
export function licenseOf({ license, licenseName }: Repository): string | undefined {
  return license === "other" || license === undefined ? (licenseName ?? license) : license;
}

function isNonCommercial({ repository, license, licenseName }: Repository): boolean {
  return (
    /(^|[-_. ])(nc|non-?commercial)([-_. ]|$)/i.test(`${license} ${licenseName}`) ||
    catalogueEntryOf(repository)?.nonCommercial === true
  );
}

/** What is asked about a repository's license, but for the memory. @param endpoint of the hub */
export function licenseQuestion(repository: Repository, bytes: number, endpoint: string): LicenseQuestion {
  const { licenseLink } = repository;
  const isAddress = licenseLink !== undefined && /^https?:\/\/\S+$/.test(licenseLink);
  return {
    repository: repository.repository,
    bytes,
    license: licenseOf(repository),
    licenseLink: isAddress ? licenseLink : `${endpoint}/${repository.repository}`,
    nonCommercial: isNonCommercial(repository),
  };
}

/** What the model costs, before it is fetched. */
function costSentence({ bytes, memory }: LicenseQuestion): string {
  const fetched = `${bytesText(bytes)} to fetch`;
  return memory ? `${fetched}; memory: ${memoryText(memory)}.` : `${fetched}.`;
}

const keyOf = ({ repository, license }: Pick<LicenseQuestion, "repository" | "license">) =>
  `${repository} ${license ?? "none"}`;

/** Whether the user has accepted it before. */
export function isAccepted(
  store: ModelStore,
  question: Pick<LicenseQuestion, "repository" | "license">,
): boolean {
  return store.read().accepted.includes(keyOf(question));
}

/** Who is asked, and how what is asked only of a user is found out. */
type LicenseHooks = Pick<ModelWorkHooks, "acceptLicense" | "onNote"> & {
  readonly memoryNeed: () => Promise<MemoryNeed | undefined>;
};

/**
 * Has the license accepted, unless it was before. A repository that changes its license is asked about again.
 * @throws LimnerError `license-not-accepted`
 */
export async function requireLicense(
  store: ModelStore,
  known: LicenseQuestion,
  { acceptLicense, onNote, memoryNeed }: LicenseHooks,
): Promise<void> {
  if (isAccepted(store, known)) return;
  const question: LicenseQuestion = { ...known, memory: await memoryNeed() };
  onNote?.(`${licenseSentence(question)} ${costSentence(question)}`);
  if (!acceptLicense || !(await acceptLicense(question)))
    throw new LimnerError(
      "license-not-accepted",
      `${licenseSentence(question)} Accept it (--accept-license) to fetch the model; nothing was fetched.`,
    );
  const accepted = keyOf(question);
  await store.change((index) => ({ ...index, accepted: [...new Set([...index.accepted, accepted])] }));
}
