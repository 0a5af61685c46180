import type { hostStatistics } from "../../protocol/hostStatistics.ts";
import type { LazyEngine } from "../lazyEngine.ts";
import type { Jobs } from "../queue/jobs.ts";
import type { HostFacts } from "../server/handshake.ts";
import type { RequestHandler } from "../server/requestHandlers.ts";
import type { Session } from "../server/session.ts";

/** Answers `host/statistics`. */
export function statisticsHandler(
  jobs: Jobs<Session>,
  { version, pid, node }: HostFacts,
  clients: () => number,
  engine: LazyEngine,
): RequestHandler<typeof hostStatistics> {
  return async () => {
    const { images, seconds, ...counts } = jobs.counts;
    const models = await engine.memory();
    return {
      version,
      pid,
      node,
      upSeconds: process.uptime(),
      clients: clients(),
      residentBytes: process.memoryUsage.rss(),
      heapBytes: process.memoryUsage().heapUsed,
      ...(models ? { models } : {}),
      jobs: counts,
      images,
      inferenceSeconds: seconds,
    };
  };
}
