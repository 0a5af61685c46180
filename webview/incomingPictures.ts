import { maximumPictureBytes, pictureTypeSchema } from "../src/protocol/panel/picture.ts";
import { send } from "./codeApi.ts";

/** Sends a picture that was dropped or pasted to be the one to begin with. @returns what is wrong with it */
async function take(file: File): Promise<string | undefined> {
  const type = pictureTypeSchema.safeParse(file.type);
  if (!type.success) {
    return `${file.name || "What was pasted"} is not a PNG, JPEG, WebP, AVIF or GIF: choose a picture of one of these.`;
  }
  if (file.size > maximumPictureBytes) return `${file.name} has more than 64 MB: make it smaller first.`;
  const bytes = new Uint8Array(await file.arrayBuffer());
  send({ kind: "takeSource", name: file.name.slice(0, 1000), mimeType: type.data, bytes });
  return undefined;
}

/** Files of VS Code's explorer, as it names them in what is dragged. */
function draggedUris(data: DataTransfer): string[] {
  const list = data.getData("application/vnd.code.uri-list") || data.getData("text/uri-list");
  return list
    .split(/\r?\n/)
    .filter((line) => line !== "" && !line.startsWith("#") && line.length <= 8192)
    .slice(0, 100);
}

/**
 * Has pictures that are dropped on the page or pasted become the one to begin with.
 * @param onProblem is told a sentence about what cannot be taken
 */
export function takePictures(target: Document, onProblem: (sentence: string) => void): void {
  const takeFirst = async (files: FileList) => {
    const [file] = files;
    const problem = file && (await take(file));
    if (problem) onProblem(problem);
  };
  target.addEventListener("dragover", (event) => event.preventDefault());
  target.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer) return;
    if (event.dataTransfer.files.length > 0) return void takeFirst(event.dataTransfer.files);
    const uris = draggedUris(event.dataTransfer);
    if (uris.length > 0) send({ kind: "dropFiles", uris });
  });
  target.addEventListener("paste", (event) => {
    const files = event.clipboardData?.files;
    // Text goes into the field that has the focus.
    if (files && files.length > 0) {
      event.preventDefault();
      void takeFirst(files);
    }
  });
}
