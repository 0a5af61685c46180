/** The Node that runs code-server's VS Code. */
export const node: string;
/** The script that is VS Code's server, and installs extensions. */
export const server: string;
/** Installs both where they are not. @throws Error */
export function ensureCodeInstalled(): void;
