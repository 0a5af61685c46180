import { bytesText } from "../../platform/quantityText.ts";
import type { inspectModel } from "../../protocol/inspectModel.ts";
import { licenseSentence } from "../../protocol/licenseSentence.ts";
import type { ResultOf } from "../../protocol/messageType.ts";

type Inspected = ResultOf<typeof inspectModel>;
export type FoundOnHub = Extract<Inspected, { where: "hub" }>;

/** Size and license, in a line. */
export function factsText(found: Inspected): string {
  const parts = [
    bytesText(found.bytes),
    found.license ?? "no license stated",
    found.where === "hub" && found.gated ? "needs an account and its authors' consent" : "",
  ];
  return parts.filter(Boolean).join(" · ");
}

/** What the user is asked before a model is fetched for the first time. */
export interface LicenseQuestion {
  readonly message: string;
  readonly detail: string;
}

export function licenseQuestion(found: FoundOnHub): LicenseQuestion {
  return {
    message: `Download ${found.repository}, ${bytesText(found.bytes)}?`,
    detail: licenseSentence(found),
  };
}
