import { bytesText } from "../../platform/quantityText.ts";
import type { inspectModel } from "../../protocol/inspectModel.ts";
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

export function licenseQuestion({
  repository,
  bytes,
  license,
  licenseLink,
  nonCommercial,
}: FoundOnHub): LicenseQuestion {
  const what = license ? `It is licensed under ${license}` : "It states no license";
  return {
    message: `Download ${repository}, ${bytesText(bytes)}?`,
    detail: `${what} (${licenseLink}).${nonCommercial ? " It is not for commercial use." : ""}`,
  };
}
