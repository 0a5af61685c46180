import type { generateImages } from "../../protocol/generateImages.ts";
import type { GenerateRequest } from "../../protocol/generateRequest.ts";
import { jobImage } from "../../protocol/jobImage.ts";
import { jobProgress } from "../../protocol/jobProgress.ts";
import { jobWarning } from "../../protocol/jobWarning.ts";
import { LimnerError } from "../../protocol/limnerError.ts";
import type { ParamsOf } from "../../protocol/messageType.ts";
import { absolutePathSchema } from "../../protocol/paths.ts";
import type { Progress } from "../../protocol/progress.ts";
import { jobTarget } from "../jobTarget.ts";
import type { LazyEngine } from "../lazyEngine.ts";
import { ProgressReporter } from "../progressReporter.ts";
import type { Drawing } from "../queue/job.ts";
import type { Jobs } from "../queue/jobs.ts";
import { FailedJob } from "../server/dispatcher.ts";
import type { RequestHandler } from "../server/requestHandlers.ts";
import type { Session } from "../server/session.ts";

type Asked = ParamsOf<typeof generateImages>;

/** The host has a working folder of its own: a relative path would not mean what the client meant by it. */
function requireAbsolutePaths(request: GenerateRequest): void {
  const { images = [], mask, embeddings = [], loras = [], model, refiner } = request;
  const files = [...images, ...embeddings, ...(mask === undefined ? [] : [mask])];
  const folders = [model, refiner, ...loras.map(({ name }) => name)].filter(
    (name) => name !== undefined && /[\\/]/.test(name),
  );
  for (const path of [...files, ...folders]) {
    if (absolutePathSchema.safeParse(path).success) continue;
    throw new LimnerError("invalid-request", `"${path}" is not an absolute path: give the whole path.`);
  }
}

/** The first report of a job, before anything is loaded. */
function beginningOf({ count = 1, images = [], steps = 0 }: GenerateRequest): Progress {
  const all = count * Math.max(images.length, 1);
  return { image: 0, images: all, stage: "load", step: 0, steps, detail: "Getting ready" };
}

/** The drawing of a request, which begins with a report so that the client knows that it has begun. */
function drawingOf(
  asked: Asked,
  session: Session,
  engine: LazyEngine,
  onLatents: (file: string) => void,
): Drawing {
  const { job, request, latentsOut, preview = true } = asked;
  const target = jobTarget(asked.target, request, session.roots);
  return async function* (signal) {
    const reporter = new ProgressReporter((progress, picture) =>
      session.notify(jobProgress, { job, progress, preview: picture }),
    );
    try {
      reporter.report(beginningOf(request));
      const images = (await engine.get()).draw({
        request,
        target,
        latentsOut,
        onLatents,
        hooks: {
          signal,
          onProgress: (progress) => reporter.report(progress),
          preview: preview ? reporter : undefined,
          onWarning: (sentence) => session.notify(jobWarning, { job, sentence }),
        },
      });
      for await (const image of images) {
        session.notify(jobImage, { job, image });
        yield image;
      }
    } finally {
      reporter.end();
    }
  };
}

/** Answers `images/generate` when the job has ended. */
export function generateHandler(
  jobs: Jobs<Session>,
  engine: LazyEngine,
): RequestHandler<typeof generateImages> {
  return async (asked, { session, signal }) => {
    requireAbsolutePaths(asked.request);
    let latents: string | undefined;
    const draw = drawingOf(asked, session, engine, (file) => {
      latents = file;
    });
    const job = jobs.add(session, { id: asked.job, request: asked.request, draw });
    const cancel = () => job.cancel();
    signal.addEventListener("abort", cancel);
    if (signal.aborted) cancel();
    const error = await job.ended;
    signal.removeEventListener("abort", cancel);
    if (error instanceof LimnerError) throw new FailedJob(error, job.images);
    if (error) throw error;
    return { job: job.id, images: job.images, latents };
  };
}
