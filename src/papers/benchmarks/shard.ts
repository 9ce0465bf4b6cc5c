/**
 * @file A part of a data set that one worker looks at: every n-th image.
 */
import { assertInput } from "../../check";

/** Shard `index` of `count`: the images i with i mod count = index. */
export interface Shard {
  index: number;
  count: number;
}

/** All of it. */
export const wholeShard: Shard = { index: 0, count: 1 };

/** "2/8" is the third of eight. @throws InputError for anything else, naming the command */
export function shardOf(command: string, text: string): Shard {
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text.trim()) ?? [];
  assertInput(
    index !== undefined && Number(index) < Number(count),
    `${command}: --shard is "${text}"; give i/n with i from 0 to n − 1, e.g. 0/8 … 7/8`,
  );
  return { index: Number(index), count: Number(count) };
}

/** Whether the image at this place of the data set's list is the shard's. */
export const inShard = ({ index, count }: Shard, at: number): boolean => at % count === index;

/** "0/2". */
export const shardName = ({ index, count }: Shard): string => `${index}/${count}`;
