import { join } from "node:path";
import { parseArgs } from "node:util";
import { compiledModelsFolder, stepTimesFile, userDirectories } from "../platform/directories.ts";
import { hostEndpoint } from "../platform/hostEndpoint.ts";
import { onTermination } from "../platform/process.ts";
import { limnerVersion } from "../platform/version.ts";
import { messageOf } from "../protocol/limnerError.ts";
import { imageHandlers } from "./handlers/imageHandlers.ts";
import { lazyModelHandlers } from "./handlers/lazyModelHandlers.ts";
import { LazyEngine } from "./lazyEngine.ts";
import { HostLogger } from "./log/hostLogger.ts";
import { RotatingFile } from "./log/rotatingFile.ts";
import { Host, lockFolder } from "./server/host.ts";
import { AlreadyServed } from "./server/listen.ts";

// The background process. Clients start it; standard output and error are a log, since native libraries print.

const { values } = parseArgs({
  options: {
    /** The host's folder, which a client has chosen by what the host has to be. */
    folder: { type: "string" },
    /** Milliseconds without a client after which it ends. */
    idle: { type: "string", default: "30000" },
  },
});
const folder = values.folder;
if (folder === undefined) throw new Error("--folder is missing: clients start the host, not people.");

const version = limnerVersion();
const { cache } = userDirectories();
const logger = new HostLogger(new RotatingFile(join(folder, "host.log")));
const engine = new LazyEngine({
  version,
  compiledFolder: compiledModelsFolder(),
  stepTimesFile: stepTimesFile(),
  onUnload: ({ submodels, bytes }) =>
    logger.info("Unloaded models that were not used for ten minutes", { submodels, freedBytes: bytes }),
});
const endpoint = await hostEndpoint(folder);
const host = new Host({
  endpoint,
  facts: { version, pid: process.pid, folder, node: process.versions.node },
  engine,
  logger,
  lockFolder: lockFolder(cache),
  handlers: { ...imageHandlers(cache), ...lazyModelHandlers() },
  idle: Number(values.idle),
  onEnd: () => process.exit(0),
});

onTermination((signal) => void host.end(`the system sent ${signal}`));
process.on("unhandledRejection", (error) => logger.error(`Unhandled rejection: ${messageOf(error)}`));
process.on("uncaughtException", (error) => {
  // What state this leaves nobody knows: clients start another host.
  logger.error(`Uncaught exception: ${messageOf(error)}`, { stack: error.stack ?? "" });
  process.exit(70);
});

try {
  await host.start();
  logger.info(`Limner ${version} listens`, { pid: process.pid, node: process.versions.node });
} catch (error) {
  if (!(error instanceof AlreadyServed)) throw error;
  logger.info("Another host was faster");
  process.exit(0);
}
