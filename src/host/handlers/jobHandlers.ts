import type { JobSummary } from "../../protocol/job.ts";
import type { Job } from "../queue/job.ts";
import type { Jobs } from "../queue/jobs.ts";
import type { RequestHandlers } from "../server/requestHandlers.ts";
import type { Session } from "../server/session.ts";

/** A list shows no more of a prompt than this. */
const longestPrompt = 300;

/** A job as a client sees it. */
export function summaryOf(job: Job<Session>, viewer: Session): JobSummary {
  const { prompt, model } = job.request;
  return {
    job: job.id,
    client: job.owner.name,
    own: job.owner === viewer,
    state: job.state,
    prompt: prompt.slice(0, longestPrompt),
    model,
    images: job.wanted,
    finished: job.images.length,
  };
}

/** Requests about the queue. */
export function jobHandlers(jobs: Jobs<Session>): RequestHandlers {
  return {
    listJobs: (_, { session }) => ({ jobs: jobs.list().map((job) => summaryOf(job, session)) }),
    moveJob: ({ job, position }, { session }) => ({ position: jobs.move(session, job, position) }),
    cancelJob: ({ job }, { session }) => ({ cancelled: jobs.cancel(session, job) }),
  };
}
