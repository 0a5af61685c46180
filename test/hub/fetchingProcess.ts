// Started by tests: fetches all files of a repository into a cache, and says when they are there, or why not.
import { HubConnection } from "../../src/hub/hubConnection.ts";
import { fetchFiles } from "../../src/hub/repositoryFetch.ts";
import { listRepository } from "../../src/hub/repositoryListing.ts";
import { messageOf } from "../../src/protocol/limnerError.ts";

const [endpoint = "", cache = "", repository = "", chunkBytes = "1"] = process.argv.slice(2);
const token = process.env["HF_TOKEN"];
const connection = new HubConnection({ endpoint, cache, token, offline: false, stallMilliseconds: 60_000 });
try {
  const listed = await listRepository(connection, { repository });
  const { folder, fetched } = await fetchFiles(connection, listed, listed.files, {
    chunkBytes: Number(chunkBytes),
  });
  process.send?.({ folder, fetched });
} catch (error) {
  process.send?.({ error: messageOf(error) });
} finally {
  await connection.close();
  process.disconnect();
}
