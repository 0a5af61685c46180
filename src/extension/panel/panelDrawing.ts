import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import type { GenerateRequest } from "../../protocol/generateRequest.ts";
import type { JobTargetRequest } from "../../protocol/jobTarget.ts";
import type { ImageFormat } from "../../protocol/panel/toPanel.ts";
import type { LimnerContext } from "../context.ts";
import { agreedDrawings } from "../drawing/longDrawing.ts";
import type { DrawingRequest } from "../host/hostSession.ts";
import { randomSeed } from "../imageTools/imageJobs.ts";
import { besideTarget, withExtension } from "../targets/assetTarget.ts";
import { newImagePlace, newImageTarget } from "../targets/targetFolder.ts";
import { isInWorkspace } from "../targets/workspaceFolders.ts";
import { splitBatch } from "./batch.ts";
import { panelFailure } from "./panelFailure.ts";
import type { PanelQueue } from "./panelQueue.ts";

/**
 * Where the panel's images go: beside the picture that they are made of where that is in the workspace, else by the
 * pattern of the settings; in the format that was chosen.
 * @returns nothing where the user does not say which folder
 */
async function targetOf(
  context: LimnerContext,
  { images: [source] = [] }: GenerateRequest,
  format: ImageFormat,
): Promise<JobTargetRequest | undefined> {
  if (source !== undefined && isInWorkspace(source)) {
    return besideTarget(withExtension(source, `.${format}`));
  }
  const place = await newImagePlace(context);
  if (!place) return undefined;
  const target = newImageTarget(place);
  return target.kind === "file"
    ? target
    : { ...target, pattern: withExtension(target.pattern, `.${format}`) };
}

/** Draws what the composer asks for, each image as a job of its own. */
export class PanelDrawing {
  readonly #context: LimnerContext;
  readonly #queue: PanelQueue;
  readonly #onChange: () => void;
  readonly #files = new Map<string, readonly string[]>();

  constructor(context: LimnerContext, queue: PanelQueue, onChange: () => void) {
    this.#context = context;
    this.#queue = queue;
    this.#onChange = onChange;
  }

  /** Pictures and masks of jobs that have not ended. */
  get filesInUse(): ReadonlySet<string> {
    return new Set([...this.#files.values()].flat());
  }

  async generate(request: GenerateRequest, format: ImageFormat): Promise<void> {
    const target = await targetOf(this.#context, request, format);
    if (!target) return;
    await this.#context.history.add(request.prompt);
    const seeded = { ...request, seed: request.seed ?? randomSeed() };
    const wanted = splitBatch(seeded, randomSeed).map((one) => ({ request: one, target }));
    const agreed = await agreedDrawings(this.#context, wanted, new AbortController().signal);
    const drawings = (agreed ?? []).map((drawing) => ({ job: randomUUID(), drawing }));
    const client = vscode.env.appName;
    for (const { job, drawing } of drawings) {
      const { prompt, model, images = [], mask } = drawing.request;
      this.#files.set(job, [...images, ...(mask === undefined ? [] : [mask])]);
      this.#queue.ask({ job, client, prompt: prompt.slice(0, 300), model, images: 1 });
    }
    this.#onChange();
    for (const { job, drawing } of drawings) void this.#draw(job, drawing);
  }

  async #draw(job: string, drawing: DrawingRequest): Promise<void> {
    const { host, log } = this.#context;
    try {
      await host.draw(drawing, { onWarning: (sentence) => log.warn(sentence) }, undefined, job);
      this.#queue.end(job, "done");
    } catch (error) {
      const failure = panelFailure(error);
      if (failure) log.error(failure.sentence);
      this.#queue.end(job, failure ? "failed" : "cancelled", failure);
    } finally {
      this.#files.delete(job);
      this.#onChange();
    }
  }
}
