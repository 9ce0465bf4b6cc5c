/**
 * @file The shard that a command is asked for, which must have a file to go into.
 */
import { assertInput } from "../check";
import { type Shard, shardOf } from "../papers/benchmarks/shard";

/** The part of the data set; all of it for "0/1". @throws InputError for no shard, or one without `out` */
export function partShard(command: string, { shard: text, out }: { shard: string; out?: string }): Shard {
  const shard = shardOf(command, text);
  assertInput(
    shard.count === 1 || out !== undefined,
    `${command}: the figures of a shard are those of a part; give --out FILE, and evaluate merge the files of all shards`,
  );
  return shard;
}
