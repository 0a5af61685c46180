// Started by racingWriters.test.ts: writes files of one name as soon as it is told to, and says where they went.
import { writeAsset } from "../../src/assets/writeAsset.ts";

const [path = "", root = "", letter = "", count = "1"] = process.argv.slice(2);

process.once("message", async () => {
  const written: string[] = [];
  for (let i = 0; i < Number(count); i++) {
    written.push(await writeAsset({ path, bytes: Buffer.from(letter.repeat(200_000)), roots: [root] }));
  }
  process.send?.(written, () => process.disconnect());
});
process.send?.("ready");
