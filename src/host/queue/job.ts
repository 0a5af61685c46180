import type { GenerateRequest } from "../../protocol/generateRequest.ts";
import type { GeneratedImage } from "../../protocol/generateResult.ts";
import type { JobState } from "../../protocol/job.ts";
import { LimnerError } from "../../protocol/limnerError.ts";

/** What a job does: one image after the other, until it is done or the signal is aborted. */
export type Drawing = (signal: AbortSignal) => AsyncGenerator<GeneratedImage, void, undefined>;

/** What is asked for. */
export interface JobOrder {
  id: string;
  request: GenerateRequest;
  draw: Drawing;
}

function cancelled(): LimnerError {
  return new LimnerError("cancelled", "Cancelled.");
}

/** A job from its order to its end. It is drawn in turns of one image each. */
export class Job<Owner> {
  readonly id: string;
  readonly owner: Owner;
  readonly request: GenerateRequest;
  /** How many images it will have. */
  readonly wanted: number;
  /** Images that are written. */
  readonly images: GeneratedImage[] = [];
  /** Fulfilled with the job's end, which is never an exception. */
  readonly ended: Promise<LimnerError | Error | undefined>;
  readonly #draw: Drawing;
  readonly #controller = new AbortController();
  #end: (error?: Error) => void = () => {};
  #state: JobState = "waiting";
  #images: AsyncGenerator<GeneratedImage, void, undefined> | undefined;
  #isDrawing = false;

  constructor(owner: Owner, { id, request, draw }: JobOrder) {
    this.id = id;
    this.owner = owner;
    this.request = request;
    this.wanted = (request.count ?? 1) * Math.max(request.images?.length ?? 1, 1);
    this.#draw = draw;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get state(): JobState {
    return this.#state;
  }

  get hasEnded(): boolean {
    return this.#state !== "waiting" && this.#state !== "running";
  }

  /** Aborted when the job is cancelled. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Draws the next image. @returns whether there may be another; never rejects */
  async turn(): Promise<boolean> {
    if (this.hasEnded) return false;
    this.#state = "running";
    this.#isDrawing = true;
    try {
      this.#images ??= this.#draw(this.signal);
      let { done, value } = await this.#images.next();
      if (value) this.images.push(value);
      // What comes after the last image is part of its turn.
      if (!done && this.images.length >= this.wanted) ({ done, value } = await this.#images.next());
      if (done) this.#finish("done");
      else if (this.signal.aborted) await this.#stop();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isDrawing = false;
    }
    return !this.hasEnded;
  }

  /** Ends the job: at once where it waits, else as soon as what runs has stopped. */
  cancel(): void {
    if (this.hasEnded) return;
    this.#controller.abort();
    if (!this.#isDrawing) void this.#stop();
  }

  async #stop(): Promise<void> {
    this.#finish("cancelled", cancelled());
    // What a started drawing holds is given back.
    await this.#images?.return(undefined).catch(() => undefined);
  }

  #fail(error: unknown): void {
    if (this.signal.aborted) this.#finish("cancelled", cancelled());
    else this.#finish("failed", error instanceof Error ? error : new Error(String(error)));
  }

  #finish(state: JobState, error?: Error): void {
    this.#state = state;
    this.#end(error);
  }
}
