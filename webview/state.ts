import type { PanelFailure, PanelJob } from "../src/protocol/panel/panelJob.ts";
import { isOpen } from "../src/protocol/panel/panelJob.ts";
import type { ModelFacts } from "../src/protocol/panel/panelModel.ts";
import type { PromptField } from "../src/protocol/panel/promptField.ts";
import type { ToPanel } from "../src/protocol/panel/toPanel.ts";
import { emptyForm, type Form } from "./composer/form.ts";
import { formOfRequest } from "./composer/formOfRequest.ts";
import type { FormProblems } from "./composer/requestOfForm.ts";
import { emptyGallery, type GalleryEvent, type GalleryState, reduceGallery } from "./gallery/galleryState.ts";

type Message<Kind extends ToPanel["kind"]> = Extract<ToPanel, { kind: Kind }>;

/** How far a job is, as the extension says it. */
export type JobProgress = Omit<Message<"progress">, "kind" | "job">;

/** Everything that the page shows. */
export interface PanelState {
  readonly form: Form;
  readonly choices: Omit<Message<"choices">, "kind"> | undefined;
  /** By the model's name. */
  readonly facts: Readonly<Record<string, ModelFacts>>;
  readonly tokens: Readonly<Partial<Record<PromptField, Omit<Message<"tokens">, "kind" | "field">>>>;
  /** The address of the picture to begin with. */
  readonly sourceUrl: string | undefined;
  readonly isMasking: boolean;
  /** What keeps the form from being drawn; told when it was to be. */
  readonly problems: FormProblems;
  readonly failure: PanelFailure | undefined;
  readonly jobs: readonly PanelJob[];
  readonly progress: Readonly<Record<string, JobProgress>>;
  /** Addresses of small pictures, by file. */
  readonly thumbnails: Readonly<Record<string, string>>;
  readonly gallery: GalleryState;
  /** What a screen reader says when it changes. */
  readonly announcement: string;
}

/** What happens in the page itself. */
export type PanelEvent =
  | ToPanel
  | GalleryEvent
  | { readonly kind: "edit"; readonly change: Partial<Form> }
  | { readonly kind: "problems"; readonly problems: FormProblems }
  | { readonly kind: "sourceUrl"; readonly url: string }
  | { readonly kind: "masking"; readonly on: boolean }
  | { readonly kind: "removeSource" }
  | { readonly kind: "dismissFailure" };

export const emptyState: PanelState = {
  form: emptyForm,
  choices: undefined,
  facts: {},
  tokens: {},
  sourceUrl: undefined,
  isMasking: false,
  problems: {},
  failure: undefined,
  jobs: [],
  progress: {},
  thumbnails: {},
  gallery: emptyGallery,
  announcement: "",
};

/** The form with the settings' model and device where it names none. */
function settled(form: Form, { model, device, models }: Omit<Message<"choices">, "kind">): Form {
  const isKnown = models.some(({ name }) => name === form.model);
  return { ...form, model: isKnown ? form.model : model, device: form.device || device };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** What has ended since, as a sentence. */
function announcementOf(before: readonly PanelJob[], after: readonly PanelJob[]): string | undefined {
  const ended = after.filter(
    (job) => !isOpen(job) && before.some((known) => known.job === job.job && isOpen(known)),
  );
  const failed = ended.find(({ state }) => state === "failed");
  const open = after.filter((job) => job.own && isOpen(job)).length;
  const rest = open === 0 ? "" : ` ${count(open, "image")} to draw.`;
  if (failed) return `Drawing failed: ${failed.failure?.sentence ?? failed.prompt}${rest}`;
  const [first] = ended;
  if (first) return `${first.state === "done" ? "Drawn" : "Cancelled"}: ${first.prompt}.${rest}`;
  const asked = after.filter(({ job }) => !before.some((known) => known.job === job)).filter(isOpen).length;
  return asked > 0 && before.length > 0 ? `${count(asked, "image")} in the queue.` : undefined;
}

function withJobs(state: PanelState, jobs: readonly PanelJob[]): PanelState {
  const open = new Set(jobs.filter(isOpen).map(({ job }) => job));
  const progress = Object.fromEntries(Object.entries(state.progress).filter(([job]) => open.has(job)));
  const files = new Set(jobs.flatMap(({ results }) => results.map(({ file }) => file)));
  const thumbnails = Object.fromEntries(Object.entries(state.thumbnails).filter(([file]) => files.has(file)));
  const announcement = announcementOf(state.jobs, jobs) ?? state.announcement;
  return { ...state, jobs, progress, thumbnails, announcement };
}

/** A quarter of the way is worth saying; each step is not. */
function withProgress(state: PanelState, { kind, job, ...report }: Message<"progress">): PanelState {
  const before = state.progress[job];
  const quarter = (fraction: number) => Math.floor(fraction * 4);
  const isNews = quarter(report.fraction) > quarter(before?.fraction ?? 0) && report.fraction < 1;
  return {
    ...state,
    progress: { ...state.progress, [job]: { ...report, preview: report.preview ?? before?.preview } },
    announcement: isNews ? `Drawing: ${report.text}.` : state.announcement,
  };
}

/** What the page shows after something has happened. */
export function reduce(state: PanelState, event: PanelEvent): PanelState {
  switch (event.kind) {
    case "choices": {
      const { kind, ...choices } = event;
      return { ...state, choices, form: settled(state.form, choices) };
    }
    case "model":
      return { ...state, facts: { ...state.facts, [event.facts.model]: event.facts } };
    case "tokens": {
      const { kind, field, ...count } = event;
      return { ...state, tokens: { ...state.tokens, [field]: count } };
    }
    case "jobs":
      return withJobs(state, event.jobs);
    case "progress":
      return withProgress(state, event);
    case "thumbnail": {
      const url = `data:${event.mimeType};base64,${event.data}`;
      return { ...state, thumbnails: { ...state.thumbnails, [event.file]: url } };
    }
    case "compose": {
      const form = formOfRequest(event.request, state.form);
      return {
        ...state,
        form,
        sourceUrl: undefined,
        isMasking: event.mask,
        problems: {},
        announcement: "The composer is filled in.",
      };
    }
    case "source":
      // Another picture has another mask.
      return {
        ...state,
        form: {
          ...state.form,
          source: event.picture,
          mask: state.form.source?.file === event.picture.file ? state.form.mask : undefined,
        },
        announcement: `Begins with ${event.picture.name}.`,
      };
    case "mask":
      return { ...state, form: { ...state.form, mask: event.picture } };
    case "lost":
      return event.what === "source"
        ? withoutSource(state)
        : { ...state, form: { ...state.form, mask: undefined } };
    case "failure":
      return { ...state, failure: event.failure, announcement: event.failure.sentence };
    case "edit":
      return {
        ...state,
        form: { ...state.form, ...event.change },
        problems: without(state.problems, event.change),
      };
    case "problems":
      return { ...state, problems: event.problems, failure: undefined };
    case "sourceUrl":
      return { ...state, sourceUrl: event.url };
    case "masking":
      return {
        ...state,
        isMasking: event.on,
        form: event.on ? state.form : { ...state.form, mask: undefined },
      };
    case "removeSource":
      return withoutSource(state);
    case "dismissFailure":
      return { ...state, failure: undefined };
    case "gallery":
    case "galleryThumbnail":
    case "selectedForCompare":
    case "filterGallery":
    case "selectImage":
    case "compare":
      return withGallery(state, event);
    case "comparison":
      // The page makes addresses of its pictures first.
      return state;
  }
}

/** How many a filter leaves is worth saying. */
function withGallery(state: PanelState, event: GalleryEvent): PanelState {
  const gallery = reduceGallery(state.gallery, event);
  const announcement = announcementOfGallery(gallery, event) ?? state.announcement;
  return { ...state, gallery, announcement };
}

function announcementOfGallery({ shown }: GalleryState, event: GalleryEvent): string | undefined {
  if (event.kind === "filterGallery") return `${count(shown.length, "image")} in the gallery.`;
  return event.kind === "selectedForCompare" && event.file !== undefined
    ? "Selected for compare."
    : undefined;
}

function withoutSource(state: PanelState): PanelState {
  const form = { ...state.form, source: undefined, mask: undefined };
  return { ...state, sourceUrl: undefined, isMasking: false, form };
}

/** Who has changed a field has seen what was wrong with it. */
function without(problems: FormProblems, change: Partial<Form>): FormProblems {
  return Object.fromEntries(Object.entries(problems).filter(([field]) => !(field in change)));
}
