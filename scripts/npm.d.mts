/** Runs npm in a folder, without scripts, audit and advertisement. @throws Error when it fails */
export function npm(folder: string, args: readonly string[], env?: Readonly<Record<string, string>>): void;
