/** What is known of a repository's license. */
export interface LicenseFacts {
  readonly repository: string;
  /** As the repository states it; absent where it states none. */
  readonly license?: string;
  /** Where it can be read. */
  readonly licenseLink: string;
  readonly nonCommercial: boolean;
}

/** The license in a sentence or two, wherever a user is told of it. */
export function licenseSentence({ repository, license, licenseLink, nonCommercial }: LicenseFacts): string {
  const what = license
    ? `${repository} is licensed under ${license} (${licenseLink}).`
    : `${repository} states no license (${licenseLink}).`;
  return nonCommercial ? `${what} It is not for commercial use.` : what;
}
