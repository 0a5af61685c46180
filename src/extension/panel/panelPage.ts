/** Where a page's files are, as the page names them. */
export interface PageSources {
  /** What the page's own files come from, as content security policies name it. */
  readonly cspSource: string;
  /** A word that nobody can guess, new for each page. */
  readonly nonce: string;
  readonly script: string;
  readonly style: string;
  /** VS Code's icons. */
  readonly icons: string;
}

/**
 * What the panel may load: its own files, and pictures that it was sent (`data:`, `blob:`). No connection, no inline
 * script or style, no frame.
 */
export function panelPolicy({ cspSource, nonce }: Pick<PageSources, "cspSource" | "nonce">): string {
  return [
    "default-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    `img-src ${cspSource} data: blob:`,
    `style-src ${cspSource}`,
    `font-src ${cspSource}`,
    `script-src 'nonce-${nonce}'`,
  ].join("; ");
}

/** The panel's page. */
export function panelPage(sources: PageSources): string {
  const { nonce, script, style, icons } = sources;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${panelPolicy(sources)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Limner</title>
<link rel="stylesheet" href="${icons}" id="vscode-codicon-stylesheet">
<link rel="stylesheet" href="${style}">
</head>
<body>
<div id="panel"></div>
<script type="module" nonce="${nonce}" src="${script}"></script>
</body>
</html>
`;
}
