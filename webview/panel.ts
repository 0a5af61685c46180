import { render } from "lit";
import type { PromptField } from "../src/protocol/panel/promptField.ts";
import { type ToPanel, toPanelSchema } from "../src/protocol/panel/toPanel.ts";
import { keepState, keptState, send } from "./codeApi.ts";
import { formSchema } from "./composer/form.ts";
import { requestOfForm } from "./composer/requestOfForm.ts";
import { randomSeed } from "./composer/seeds.ts";
import { takePictures } from "./incomingPictures.ts";
import { MaskBrush } from "./mask/maskBrush.ts";
import { type PanelActions, panelView } from "./panelView.ts";
import { emptyState, type PanelEvent, type PanelState, reduce } from "./state.ts";

/** How long typing has to rest before the prompt's tokens are counted, in milliseconds. */
const tokenizeDelay = 250;

type Comparing = Extract<ToPanel, { kind: "comparison" }>;

/** The address of a picture that came as bytes. */
function addressOf({ bytes, mimeType }: Pick<Comparing["left"], "bytes" | "mimeType">): string {
  return URL.createObjectURL(new Blob([bytes as BlobPart], { type: mimeType }));
}

/** The page: holds what it shows, draws it, and talks to the extension. */
export class Panel {
  readonly #root: HTMLElement;
  #state: PanelState = emptyState;
  /** The state whose form was kept last. */
  #kept: PanelState = emptyState;
  #isScheduled = false;
  #tokenize: ReturnType<typeof setTimeout> | undefined;
  /** What was counted or is being counted, by field. */
  readonly #counted = new Map<PromptField, string>();
  readonly #described = new Set<string>();
  /** Masks that were sent and are not kept yet. */
  #masksOnTheirWay = 0;
  #isToGenerate = false;

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  begin(): void {
    const form = formSchema.safeParse(keptState());
    if (form.success)
      this.#state = { ...this.#state, form: form.data, isMasking: form.data.mask !== undefined };
    window.addEventListener("message", ({ data }: MessageEvent<unknown>) => this.#receive(data));
    const generate = (event: KeyboardEvent) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      // A text field would submit the form as well.
      event.stopPropagation();
      this.#generate();
    };
    this.#root.addEventListener("keydown", generate, { capture: true });
    takePictures(document, (sentence) => this.#happen({ kind: "failure", failure: { sentence } }));
    this.#render();
    send({ kind: "ready" });
    const { source, mask } = this.#state.form;
    if (source) send({ kind: "showPictures", source: source.file, mask: mask?.file });
  }

  #receive(data: unknown): void {
    const parsed = toPanelSchema.safeParse(data);
    if (!parsed.success) {
      console.error("Limner's panel was sent what it does not know.", parsed.error);
      return;
    }
    const message = parsed.data;
    this.#happen(message);
    switch (message.kind) {
      case "source": {
        const url = addressOf(message);
        if (this.#state.sourceUrl) URL.revokeObjectURL(this.#state.sourceUrl);
        this.#happen({ kind: "sourceUrl", url });
        return;
      }
      case "mask":
        this.#maskIsKept(message.bytes);
        return;
      case "comparison":
        this.#compare(message);
        return;
      default:
    }
  }

  #happen(event: PanelEvent): void {
    this.#state = reduce(this.#state, event);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#render();
      this.#formMayHaveChanged();
    });
  }

  #render(): void {
    const focused = document.activeElement;
    const key = focused instanceof HTMLElement ? focused.dataset["key"] : undefined;
    render(panelView(this.#state, this.#actions), this.#root);
    // A job that moves in the list takes the focus with it.
    if (key && document.activeElement !== focused) this.#focusKey(key);
  }

  #focusKey(key: string): void {
    const buttons = [...this.#root.querySelectorAll<HTMLButtonElement>("button[data-key]")];
    const same = buttons.find((button) => button.dataset["key"] === key && !button.disabled);
    const [job] = key.split(":");
    const near = buttons.find((button) => button.dataset["key"]?.startsWith(`${job}:`) && !button.disabled);
    (same ?? near)?.focus();
  }

  /** Shows two pictures over each other; the addresses of those before are given back. */
  #compare(message: Comparing | undefined): void {
    const { comparison } = this.#state.gallery;
    for (const before of comparison ? [comparison.left, comparison.right] : [])
      URL.revokeObjectURL(before.url);
    const picture = (compared: Comparing["left"]) => ({ path: compared.path, url: addressOf(compared) });
    const next = message && { left: picture(message.left), right: picture(message.right) };
    this.#happen({ kind: "compare", comparison: next });
  }

  #formMayHaveChanged(): void {
    const { form, choices, facts } = this.#state;
    const { form: before, choices: choicesBefore, facts: factsBefore } = this.#kept;
    if (form === before && choices === choicesBefore && facts === factsBefore) return;
    this.#kept = this.#state;
    keepState(form);
    this.#askAhead();
  }

  /** Asks for what the form shows of its model and its prompts. */
  #askAhead(): void {
    const { form, choices, facts } = this.#state;
    if (!choices || form.model === "") return;
    if (!facts[form.model] && !this.#described.has(form.model)) {
      this.#described.add(form.model);
      send({ kind: "describeModel", model: form.model });
    }
    clearTimeout(this.#tokenize);
    this.#tokenize = setTimeout(() => {
      for (const field of ["prompt", "negativePrompt"] as const) this.#countTokens(field);
    }, tokenizeDelay);
  }

  #countTokens(field: PromptField): void {
    const { model, [field]: prompt } = this.#state.form;
    const wanted = `${model}\n${prompt}`;
    if (this.#counted.get(field) === wanted || prompt === "") return;
    this.#counted.set(field, wanted);
    send({ kind: "tokenize", field, prompt, model });
  }

  #generate(): void {
    if (this.#masksOnTheirWay > 0) {
      this.#isToGenerate = true;
      return;
    }
    if (!this.#state.form.seedLocked) this.#happen({ kind: "edit", change: { seed: randomSeed() } });
    const { form, facts, choices, isMasking } = this.#state;
    const format = form.format ?? choices?.format ?? "png";
    const composed = requestOfForm({ ...form, format }, facts[form.model]);
    const unpainted =
      isMasking && form.source && !form.mask
        ? { mask: "Paint where the picture is to be drawn anew, or put the brush away" }
        : {};
    const problems = { ...(composed.kind === "problems" ? composed.problems : {}), ...unpainted };
    this.#happen({ kind: "problems", problems });
    const [wrong] = Object.keys(problems);
    if (wrong !== undefined) this.#showProblem(wrong);
    else if (composed.kind === "request") send({ kind: "generate", request: composed.request, format });
  }

  /** The field that is wrong gets the focus, so that its problem is read. */
  #showProblem(field: string): void {
    queueMicrotask(() =>
      setTimeout(() => this.#root.querySelector<HTMLElement>(`[data-field="${field}"]`)?.focus()),
    );
  }

  async #changeMask(png: Blob | undefined): Promise<void> {
    if (!png) return this.#happen({ kind: "edit", change: { mask: undefined } });
    this.#masksOnTheirWay += 1;
    const bytes = new Uint8Array(await png.arrayBuffer());
    send({ kind: "keepMask", bytes });
  }

  #maskIsKept(bytes: Uint8Array | undefined): void {
    if (bytes) {
      // A mask of before the reload: the brush is there when the picture is.
      const png = new Blob([bytes as BlobPart], { type: "image/png" });
      setTimeout(() => {
        const brush = this.#root.querySelector("limner-mask-brush");
        if (brush instanceof MaskBrush) void brush.load(png);
      });
      return;
    }
    this.#masksOnTheirWay = Math.max(0, this.#masksOnTheirWay - 1);
    if (this.#masksOnTheirWay > 0 || !this.#isToGenerate) return;
    this.#isToGenerate = false;
    this.#generate();
  }

  readonly #actions: PanelActions = {
    edit: (change) => this.#happen({ kind: "edit", change }),
    generate: () => this.#generate(),
    dismissFailure: () => this.#happen({ kind: "dismissFailure" }),
    remedy: (command) => send({ kind: "remedy", command }),
    pickSource: () => send({ kind: "pickSource" }),
    removeSource: () => this.#happen({ kind: "removeSource" }),
    setMasking: (on) => this.#happen({ kind: "masking", on }),
    changeMask: (png) => void this.#changeMask(png),
    cancel: (job) => send({ kind: "cancel", job }),
    move: (job, position) => send({ kind: "move", job, position }),
    dismiss: (job) => send({ kind: "dismiss", job }),
    openImage: (file) => send({ kind: "openImage", file }),
    reuse: (file) => send({ kind: "reuse", file }),
    useAsSource: (file) => send({ kind: "useAsSource", file }),
    filterGallery: (text) => this.#happen({ kind: "filterGallery", text }),
    selectImage: (file) => this.#happen({ kind: "selectImage", file }),
    actOnImage: (action, file) => send({ kind: "galleryAction", action, file }),
    showThumbnails: (files) => send({ kind: "showThumbnails", files: [...files] }),
    closeComparison: () => this.#compare(undefined),
    openFolder: () => send({ kind: "openFolder" }),
  };
}
