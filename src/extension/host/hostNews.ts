import type { HostClient } from "../../client/hostClient.ts";
import { hostLog } from "../../protocol/hostLog.ts";
import { imagesChanged } from "../../protocol/imagesChanged.ts";
import { jobImage } from "../../protocol/jobImage.ts";
import { jobProgress } from "../../protocol/jobProgress.ts";
import { jobsChanged } from "../../protocol/jobsChanged.ts";
import { jobWarning } from "../../protocol/jobWarning.ts";
import type { ParamsOf } from "../../protocol/messageType.ts";
import { workProgress } from "../../protocol/workProgress.ts";

/** What the host tells without being asked. */
export interface HostNews {
  onLog(entry: ParamsOf<typeof hostLog>): void;
  onWarning(warning: ParamsOf<typeof jobWarning>): void;
  onWork(progress: ParamsOf<typeof workProgress>): void;
  onJobs(jobs: ParamsOf<typeof jobsChanged>): void;
  onImages(): void;
  onImage(image: ParamsOf<typeof jobImage>): void;
  onProgress(progress: ParamsOf<typeof jobProgress>): void;
}

/** Has a client pass on what its host tells. */
export function listenToHost(client: Pick<HostClient, "on">, news: HostNews): void {
  client.on(hostLog, (entry) => news.onLog(entry));
  client.on(jobWarning, (warning) => news.onWarning(warning));
  client.on(workProgress, (progress) => news.onWork(progress));
  client.on(jobsChanged, (jobs) => news.onJobs(jobs));
  client.on(imagesChanged, () => news.onImages());
  client.on(jobImage, (image) => news.onImage(image));
  client.on(jobProgress, (progress) => news.onProgress(progress));
}
