import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { isOpen, type PanelJob, type RemedyCommand } from "../../src/protocol/panel/panelJob.ts";
import { iconButton } from "../composer/field.ts";
import { remedyButton } from "../failureView.ts";
import type { JobProgress, PanelState } from "../state.ts";
import { type WaitingPlace, waitingPlaces } from "./waitingPlaces.ts";

/** What the queue can have done. */
export interface QueueActions {
  cancel(job: string): void;
  move(job: string, position: number): void;
  /** Takes a job that has ended out of the list; all without a name. */
  dismiss(job?: string): void;
  openImage(file: string): void;
  reuse(file: string): void;
  useAsSource(file: string): void;
  remedy(command: RemedyCommand): void;
}

/** A job's line of what it is doing. */
export function jobText(job: PanelJob, progress: JobProgress | undefined): string {
  switch (job.state) {
    case "waiting":
      return "Waiting";
    case "running": {
      const text = progress?.text ?? "getting ready";
      return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
    }
    case "done": {
      const [image] = job.results;
      return image ? `${image.width} × ${image.height}, seed ${image.seed}` : "Done";
    }
    case "failed":
      return "Failed";
    case "cancelled":
      return "Cancelled";
  }
}

function titleOf({ prompt }: PanelJob): string {
  return prompt.trim() === "" ? "(no prompt)" : prompt;
}

/** The newest of what there is to see of a job. */
function picture(state: PanelState, job: PanelJob, openImage: (file: string) => void): TemplateResult {
  const result = job.results.at(-1);
  const thumbnail = result && state.thumbnails[result.file];
  if (result) {
    const image = thumbnail
      ? html`<img src=${thumbnail} alt="" />`
      : html`<span class="codicon codicon-file-media" aria-hidden="true"></span>`;
    return html`<button
      type="button"
      class="picture"
      title="Open ${result.file}"
      aria-label="Open the image: ${titleOf(job)}"
      @click=${() => openImage(result.file)}
    >
      ${image}
    </button>`;
  }
  const preview = isOpen(job) ? state.progress[job.job]?.preview : undefined;
  if (preview) {
    const { mimeType, data } = preview;
    return html`<span class="picture"
      ><img class="preview" src="data:${mimeType};base64,${data}" alt="Preview: ${titleOf(job)}"
    /></span>`;
  }
  return html`<span class="picture empty" aria-hidden="true"></span>`;
}

function moveButtons(
  job: string,
  { position, isLast }: WaitingPlace,
  { move }: QueueActions,
): TemplateResult {
  const up = { disabled: position === 0, key: `${job}:up` };
  const down = { disabled: isLast, key: `${job}:down` };
  return html`${iconButton("arrow-up", "Draw sooner (Alt+Up)", () => move(job, position - 1), up)}${iconButton(
    "arrow-down",
    "Draw later (Alt+Down)",
    () => move(job, position + 1),
    down,
  )}`;
}

function openButtons(job: PanelJob, place: WaitingPlace | undefined, actions: QueueActions) {
  if (!job.own) return html`<span class="client">${job.client}</span>`;
  return html`${place ? moveButtons(job.job, place, actions) : nothing}
  ${iconButton("close", "Cancel (Delete)", () => actions.cancel(job.job), { key: `${job.job}:cancel` })}`;
}

function endedButtons({ job, results }: PanelJob, { reuse, useAsSource, dismiss }: QueueActions) {
  const [image] = results;
  return html`${
    image
      ? html`${iconButton("settings", "Reuse parameters", () => reuse(image.file), { key: `${job}:reuse` })}
        ${iconButton("wand", "Begin with this image", () => useAsSource(image.file), { key: `${job}:source` })}`
      : nothing
  }
  ${iconButton("close", "Take out of the list (Delete)", () => dismiss(job), { key: `${job}:dismiss` })}`;
}

function onKey(
  event: KeyboardEvent,
  job: PanelJob,
  place: WaitingPlace | undefined,
  actions: QueueActions,
): void {
  const by = event.altKey ? { ArrowUp: -1, ArrowDown: 1 }[event.key] : undefined;
  if (by !== undefined && place) {
    event.preventDefault();
    if (place.position + by >= 0) actions.move(job.job, place.position + by);
  }
  if (event.key === "Delete" && job.own) {
    event.preventDefault();
    if (isOpen(job)) actions.cancel(job.job);
    else actions.dismiss(job.job);
  }
}

function jobItem(
  state: PanelState,
  job: PanelJob,
  place: WaitingPlace | undefined,
  actions: QueueActions,
): TemplateResult {
  const progress = state.progress[job.job];
  const text = jobText(job, progress);
  return html`<li
    class="job ${job.state}"
    data-job=${job.job}
    @keydown=${(event: KeyboardEvent) => onKey(event, job, place, actions)}
  >
    ${picture(state, job, actions.openImage)}
    <div class="job-text">
      <p class="job-title" title=${titleOf(job)}>${titleOf(job)}</p>
      <p class="job-state">
        ${text}${job.failure ? html`: ${job.failure.sentence} ${remedyButton(job.failure, actions.remedy)}` : nothing}
      </p>
      ${
        job.state === "running"
          ? html`<vscode-progress-bar
              aria-label="Progress of ${titleOf(job)}"
              max="100"
              .value=${Math.round((progress?.fraction ?? 0) * 100)}
            ></vscode-progress-bar>`
          : nothing
      }
    </div>
    <div class="job-buttons">${isOpen(job) ? openButtons(job, place, actions) : endedButtons(job, actions)}</div>
  </li>`;
}

function jobList(state: PanelState, jobs: readonly PanelJob[], label: string, actions: QueueActions) {
  const places = waitingPlaces(jobs);
  return html`<ol class="jobs" aria-label=${label}>
    ${repeat(
      jobs,
      ({ job }) => job,
      (job) => jobItem(state, job, places.get(job.job), actions),
    )}
  </ol>`;
}

/** What is drawn and waits, and what came of it in this session. */
export function queueView(state: PanelState, actions: QueueActions): TemplateResult {
  const open = state.jobs.filter(isOpen);
  const ended = state.jobs.filter((job) => !isOpen(job));
  return html`<section class="queue" aria-labelledby="queue-title">
    <div class="section-head"><h2 id="queue-title">Queue</h2></div>
    ${
      open.length === 0
        ? html`<p class="hint">What you generate is drawn here, one image after the other.</p>`
        : jobList(state, open, "Queue", actions)
    }
    ${
      ended.length === 0
        ? nothing
        : html`<div class="section-head">
              <h2>Finished</h2>
              ${iconButton("clear-all", "Clear the list of what has ended", () => actions.dismiss())}
            </div>
            ${jobList(state, ended, "Finished", actions)}`
    }
  </section>`;
}
