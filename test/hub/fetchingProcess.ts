// Started by killedFetch.test.ts: fetches all files of a repository into a cache, and says when they are there.
import { HubConnection } from "../../src/hub/hubConnection.ts";
import { fetchFiles } from "../../src/hub/repositoryFetch.ts";
import { listRepository } from "../../src/hub/repositoryListing.ts";

const [endpoint = "", cache = "", repository = "", chunkBytes = "1"] = process.argv.slice(2);
const connection = new HubConnection({ endpoint, cache, offline: false, stallMilliseconds: 60_000 });
const listed = await listRepository(connection, { repository });
const { folder, fetched } = await fetchFiles(connection, listed, listed.files, {
  chunkBytes: Number(chunkBytes),
});
await connection.close();
process.send?.({ folder, fetched }, () => process.disconnect());
