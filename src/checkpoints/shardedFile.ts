import { basename, dirname, join } from "node:path";
import { isJsonObject, readJson } from "./boundedJson.ts";
import { CheckpointError } from "./checkpointError.ts";
import { openSafetensors, type TensorSet } from "./safetensorsFile.ts";
import type { TensorSource } from "./tensorSource.ts";

const mostShards = 1000;

/** Refuses a shard's name that is anything but a plain file name next to the index. */
function checkShardName(name: unknown, index: string): asserts name is string {
  const plain = typeof name === "string" && /^[\w.-]+\.safetensors$/.test(name) && !name.startsWith(".");
  if (!plain)
    throw new CheckpointError(
      "damaged",
      `${index} names the file ${JSON.stringify(name)?.slice(0, 100)}; shards must be .safetensors files beside the index.`,
    );
}

/**
 * Opens the files that a `*.safetensors.index.json` lists, as one set of tensors.
 * @throws CheckpointError when a shard is missing or damaged, lies elsewhere, or lacks a tensor the index promises
 */
export async function openSharded(
  indexPath: string,
  wholeSizes?: ReadonlyMap<string, number>,
): Promise<TensorSet> {
  const index = basename(indexPath);
  const { weight_map: weightMap } = await readJson(indexPath);
  if (!isJsonObject(weightMap)) throw new CheckpointError("damaged", `${index} has no weight_map.`);
  const shardOf = new Map<string, string>();
  for (const [tensor, shard] of Object.entries(weightMap)) {
    checkShardName(shard, index);
    shardOf.set(tensor, shard);
  }
  const names = new Set(shardOf.values());
  if (names.size === 0 || names.size > mostShards)
    throw new CheckpointError("damaged", `${index} lists ${names.size} files.`);
  const shards = new Map<string, TensorSet>();
  const close = async () => {
    await Promise.all([...shards.values()].map((shard) => shard.close()));
  };
  try {
    for (const name of names) {
      const path = join(dirname(indexPath), name);
      shards.set(name, await openSafetensors(path, wholeSizes?.get(path)));
    }
    const tensors = new Map<string, TensorSource>();
    for (const [tensor, shard] of shardOf) {
      const source = shards.get(shard)?.tensors.get(tensor);
      if (!source)
        throw new CheckpointError(
          "damaged",
          `${index} promises the tensor ${JSON.stringify(tensor).slice(0, 100)} in ${shard}, which does not have it.`,
        );
      tensors.set(tensor, source);
    }
    return { tensors, metadata: new Map(), close };
  } catch (error) {
    await close();
    throw error;
  }
}
