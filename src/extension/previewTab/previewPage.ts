/** What the page is told: a picture of what is being drawn, and how far it is. */
export interface PreviewMessage {
  /** `data:` address. */
  readonly picture: string;
  readonly text: string;
}

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

/**
 * The page of a preview: one picture that follows the drawing, and a line below it. It loads nothing, and runs only its
 * own script.
 * @param prompt what is drawn: what the picture shows, for whoever does not see it
 * @param nonce a new random text
 */
export function previewPage(prompt: string, nonce: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src data:; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'">
<title>Preview</title>
<style nonce="${nonce}">
  html, body { height: 100%; margin: 0; padding: 0; }
  body { display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 8px; }
  img { width: min(80vw, 80vh); height: auto; max-height: 85vh; object-fit: contain; }
  p { margin: 0; color: var(--vscode-descriptionForeground); font-family: var(--vscode-font-family); }
</style>
</head>
<body>
<main>
<img id="picture" alt="Preview: ${escaped(prompt)}" hidden>
</main>
<p id="text" role="status">Getting ready</p>
<script nonce="${nonce}">
  const [picture, text] = ["picture", "text"].map((id) => document.getElementById(id));
  addEventListener("message", ({ data }) => {
    picture.src = data.picture;
    picture.hidden = false;
    text.textContent = data.text;
  });
</script>
</body>
</html>`;
}
