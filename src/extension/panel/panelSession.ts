import * as vscode from "vscode";
import { cancelJob } from "../../protocol/cancelJob.ts";
import { imageThumbnail } from "../../protocol/imageThumbnail.ts";
import { listJobs } from "../../protocol/listJobs.ts";
import { listModels } from "../../protocol/listModels.ts";
import { moveJob } from "../../protocol/moveJob.ts";
import { type FromPanel, fromPanelSchema } from "../../protocol/panel/fromPanel.ts";
import type { GalleryAction } from "../../protocol/panel/gallery.ts";
import type { ToPanel } from "../../protocol/panel/toPanel.ts";
import { runtimeStatus } from "../../protocol/runtimeStatus.ts";
import { tokenizePrompt } from "../../protocol/tokenizePrompt.ts";
import type { LimnerContext } from "../context.ts";
import { progressFraction, progressText } from "../drawing/progressText.ts";
import { showImage } from "../drawing/showImage.ts";
import { parametersOf } from "../imageTools/imageJobs.ts";
import { reusable } from "../imageTools/reuse.ts";
import { PanelGallery } from "./gallery/panelGallery.ts";
import { PanelDrawing } from "./panelDrawing.ts";
import { panelFailure } from "./panelFailure.ts";
import { modelFacts, panelChoices } from "./panelModels.ts";
import { PanelPictures } from "./panelPictures.ts";
import { PanelQueue } from "./panelQueue.ts";
import type { Composition, OpenPanel } from "./panelSlot.ts";

/** The longest text of a report that the panel takes. */
const longestText = 1000;

/** An open panel: answers what its page asks, and tells it what happens. */
export class PanelSession implements OpenPanel {
  readonly #context: LimnerContext;
  readonly #panel: vscode.WebviewPanel;
  readonly #queue = new PanelQueue();
  readonly #drawing: PanelDrawing;
  readonly #pictures: PanelPictures;
  readonly #gallery: PanelGallery;
  readonly #endings: (() => void)[] = [];
  /** What was told before the page was ready. */
  #waiting: ToPanel[] | undefined = [];

  constructor(context: LimnerContext, panel: vscode.WebviewPanel) {
    this.#context = context;
    this.#panel = panel;
    this.#drawing = new PanelDrawing(context, this.#queue, () => this.#tellJobs());
    this.#pictures = new PanelPictures(context, () => this.#drawing.filesInUse);
    this.#gallery = this.#createGallery();
    const received = panel.webview.onDidReceiveMessage((message: unknown) => void this.#receive(message));
    const viewed = panel.onDidChangeViewState(() => this.#gallery.viewChanged());
    this.#endings.push(
      () => received.dispose(),
      () => viewed.dispose(),
      () => this.#gallery.dispose(),
      this.#watch(),
    );
  }

  get isVisible(): boolean {
    return this.#panel.visible;
  }

  reveal(): void {
    this.#panel.reveal();
  }

  close(): void {
    this.#panel.dispose();
  }

  async compose({ request, source, mask = false }: Composition): Promise<void> {
    const picture = source === undefined ? undefined : await this.#pictures.open(source);
    this.#tell({ kind: "compose", request, mask });
    if (picture) this.#tell(picture);
  }

  async actOnImage(action: GalleryAction, file: string): Promise<void> {
    await this.#gallery.act(action, file);
  }

  dispose(): void {
    for (const end of this.#endings) end();
  }

  #createGallery(): PanelGallery {
    const panel = this.#panel;
    return new PanelGallery(this.#context, {
      get isVisible() {
        return panel.visible;
      },
      // The gallery waits for no model.
      tell: (message) => this.#post(message),
      report: (error) => this.#report(error),
      useAsSource: async (file) => this.#tell(await this.#pictures.open(file)),
      reuse: (file) => this.#reuse(file),
    });
  }

  #watch(): () => void {
    return this.#context.host.watchJobs({
      onJobs: (jobs) => {
        this.#queue.update(jobs);
        this.#tellJobs();
      },
      onProgress: (job, progress, preview) => {
        const text = progressText(progress).slice(0, longestText);
        this.#tell({ kind: "progress", job, text, fraction: progressFraction(progress), preview });
      },
      onImage: (job, image) => {
        this.#queue.addImage(job, image);
        this.#tellJobs();
        void this.#tellThumbnail(image.file);
        this.#gallery.changed();
      },
    });
  }

  #tell(message: ToPanel): void {
    if (this.#waiting) this.#waiting.push(message);
    else this.#post(message);
  }

  #post(message: ToPanel): void {
    void this.#panel.webview.postMessage(message);
  }

  #tellJobs(): void {
    this.#tell({ kind: "jobs", jobs: [...this.#queue.jobs] });
  }

  async #tellThumbnail(file: string): Promise<void> {
    try {
      const { mimeType, data } = await this.#context.host.ask(imageThumbnail, { file });
      this.#tell({ kind: "thumbnail", file, mimeType, data });
    } catch (error) {
      // The picture may be gone already; the queue then shows its name only.
      this.#context.log.debug(`No thumbnail of ${file}: ${String(error)}`);
    }
  }

  async #receive(message: unknown): Promise<void> {
    const parsed = fromPanelSchema.safeParse(message);
    if (!parsed.success) {
      this.#context.log.error(`The panel sent what it must not: ${parsed.error.message}`);
      return;
    }
    try {
      this.#checkFile(parsed.data);
      await this.#answer(parsed.data);
    } catch (error) {
      this.#report(error);
    }
  }

  /** The queue asks about images that it was told of, and no other file. @throws Error */
  #checkFile(message: FromPanel): void {
    const isAboutImage =
      message.kind === "openImage" || message.kind === "reuse" || message.kind === "useAsSource";
    if (!isAboutImage || this.#queue.jobs.some(({ results }) => results.some(isFile(message.file)))) return;
    throw new Error(`${message.file} is no image of the queue`);
  }

  #report(error: unknown): void {
    const failure = panelFailure(error);
    if (!failure) return;
    this.#context.log.error(failure.sentence);
    this.#tell({ kind: "failure", failure });
  }

  async #answer(message: FromPanel): Promise<void> {
    const { host } = this.#context;
    switch (message.kind) {
      case "ready":
        void this.#gallery.begin();
        return this.#begin();
      case "generate":
        return this.#drawing.generate(message.request, message.format);
      case "describeModel": {
        const { models } = await host.ask(listModels, {});
        const facts = await modelFacts(host, models, message.model);
        if (facts) this.#tell({ kind: "model", facts });
        return;
      }
      case "tokenize":
        return this.#countTokens(message);
      case "cancel":
        await host.ask(cancelJob, { job: message.job });
        return;
      case "move":
        await host.ask(moveJob, { job: message.job, position: message.position });
        return;
      case "dismiss":
        this.#queue.dismiss(message.job);
        return this.#tellJobs();
      case "openImage":
        return showImage(message.file);
      case "reuse":
        return this.#reuse(message.file);
      case "showThumbnails":
      case "galleryAction":
      case "openFolder":
        return this.#gallery.answer(message);
      case "remedy":
        await vscode.commands.executeCommand(message.command);
        return;
      case "pickSource":
      case "takeSource":
      case "dropFiles":
      case "useAsSource":
      case "keepMask":
      case "showPictures":
        for (const picture of await this.#picturesFor(message)) this.#tell(picture);
    }
  }

  async #picturesFor(message: PictureRequest): Promise<ToPanel[]> {
    switch (message.kind) {
      case "pickSource": {
        const picked = await this.#pictures.pick();
        return picked ? [picked] : [];
      }
      case "takeSource":
        return [await this.#pictures.take(message.bytes, message.mimeType, message.name)];
      case "dropFiles":
        return [await this.#pictures.drop(message.uris)];
      case "useAsSource":
        return [await this.#pictures.open(message.file)];
      case "keepMask":
        return [await this.#pictures.keepMask(message.bytes)];
      case "showPictures":
        return this.#pictures.show(message);
    }
  }

  async #begin(): Promise<void> {
    const { host } = this.#context;
    try {
      const [{ models }, { runtime }] = await Promise.all([
        host.ask(listModels, {}),
        host.ask(runtimeStatus, {}),
      ]);
      const choices = panelChoices(models, runtime?.devices ?? []);
      this.#post(choices);
      const facts = await modelFacts(host, models, choices.model);
      if (facts) this.#post({ kind: "model", facts });
      this.#queue.update((await host.ask(listJobs, {})).jobs);
    } finally {
      // What came meanwhile builds upon the choices.
      const waiting = this.#waiting ?? [];
      this.#waiting = undefined;
      for (const message of waiting) this.#post(message);
      this.#tellJobs();
    }
    for (const { file } of this.#queue.jobs.flatMap(({ results }) => results)) void this.#tellThumbnail(file);
  }

  async #countTokens({ field, prompt, model }: Extract<FromPanel, { kind: "tokenize" }>): Promise<void> {
    const { encoders } = await this.#context.host.ask(tokenizePrompt, { prompt, model });
    // Both encoders read the prompt: what is too long for one is too long.
    const [first] = [...encoders].sort((a, b) => b.tokens - a.tokens);
    if (first) this.#tell({ kind: "tokens", field, prompt, ...first });
  }

  async #reuse(file: string): Promise<void> {
    await this.compose({ request: reusable(await parametersOf(this.#context, vscode.Uri.file(file))) });
  }
}

function isFile(wanted: string): (image: { readonly file: string }) => boolean {
  return ({ file }) => file === wanted;
}

/** What is asked about the picture to begin with and the mask. */
type PictureRequest = Extract<
  FromPanel,
  { kind: "pickSource" | "takeSource" | "dropFiles" | "useAsSource" | "keepMask" | "showPictures" }
>;
