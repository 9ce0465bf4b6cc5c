/**
 * @file How much a pickle may cost while it is read, and what a decoded one may look like: plain values, without cycles,
 * not too deep, not unfolding without end. For comparison: GenPose's results of 2,750 images with their clouds take 1.4
 * million operations at a cost of 0.8 million, what PyTorch says of ten thousand tensors 0.4 at a cost of 0.3.
 */
import type { PickleCursor } from "./pickleCursor";
import { PickleDtype, PickleGlobal, PickleLeaf } from "./pickleNumpy";

const maxDepth = 100;
/** Open at a time: three for each level of nesting are enough, Python itself stops at a thousand levels. */
const maxMarks = 1000;
const maxOperations = 10_000_000;
/** In lists: a list, a tuple or a place of the memo costs 1, a dict, bytes or what a call makes 4. */
const maxCost = 4_000_000;
/** Every shared part counted as often as it is referred to: what a consumer that walks the value would see. */
const maxExpandedNodes = 10_000_000;

const shortLength = 8;

const itemsOf = (value: object): readonly unknown[] =>
  Array.isArray(value) ? (value as unknown[]) : Object.values(value);

const isContainer = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !(value instanceof Uint8Array) && !(value instanceof PickleLeaf);

/** Judges a pickle while it is read: some bytes can ask for thousands of times their own size in memory and time. */
export class PickleMeter {
  #operations = 0;
  #cost = 0;
  /** Of containers with containers in them; all others have a depth of 1. */
  readonly #depths = new Map<object, number>();

  constructor(readonly cursor: PickleCursor) {}

  operation(): void {
    if (++this.#operations > maxOperations)
      this.cursor.fail(`the pickle takes more than ${maxOperations} steps; it is not honest`);
  }

  /** What is kept from here on, in lists. */
  keep(cost: number): void {
    this.#cost += cost;
    if (this.#cost > maxCost) this.cursor.fail(`the pickle makes more than ${maxCost} values; it is not honest`);
  }

  marks(open: number): void {
    if (open > maxMarks) this.cursor.fail(`more than ${maxMarks} marks are open; it is not honest`);
  }

  /** `items` were put into `container`. */
  nest(container: object, items: readonly unknown[]): void {
    let inside = 0;
    for (const item of items) if (isContainer(item)) inside = Math.max(inside, this.#depths.get(item) ?? 1);
    if (inside >= maxDepth) this.cursor.fail(`values are nested more than ${maxDepth} deep; it is not honest`);
    if (inside >= (this.#depths.get(container) ?? 1)) this.#depths.set(container, inside + 1);
  }
}

/**
 * Refuses what would hang or overflow a consumer that walks the value: cycles, nesting beyond `maxDepth`, and shared
 * parts that unfold to more than `maxExpandedNodes`; and functions or dtypes left as values. It uses no recursion.
 */
export function assertPlain(root: unknown, cursor: PickleCursor): void {
  const measured = new Map<object, { nodes: number; depth: number }>();
  /** Short containers of plain values are most, and measured again each time: a place in the map is not free. */
  const sizeOf = (value: object): { nodes: number; depth: number } =>
    measured.get(value) ?? { nodes: 1 + itemsOf(value).length, depth: 1 };
  const open = new Set<object>();
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.at(-1);
    if (value instanceof PickleGlobal || value instanceof PickleDtype)
      cursor.fail(
        `${value instanceof PickleGlobal ? value.name : "a dtype"} stands where a value belongs; save arrays and plain values only`,
      );
    if (!isContainer(value) || measured.has(value)) {
      pending.pop();
      continue;
    }
    const items = itemsOf(value);
    const children = items.filter(isContainer); // a function or a dtype, too
    if (children.length === 0) {
      const size = sizeOf(value);
      if (size.nodes > shortLength) measured.set(value, size);
      pending.pop();
      continue;
    }
    if (open.has(value)) {
      let [nodes, depth] = [1 + items.length, 1];
      for (const child of children) {
        const size = sizeOf(child);
        nodes += size.nodes;
        depth = Math.max(depth, size.depth + 1);
      }
      if (depth > maxDepth) cursor.fail(`values are nested more than ${maxDepth} deep; it is not honest`);
      if (nodes > maxExpandedNodes)
        cursor.fail(`shared values unfold to more than ${maxExpandedNodes}; it is not honest`);
      measured.set(value, { nodes, depth });
      open.delete(value);
      pending.pop();
      continue;
    }
    open.add(value);
    for (const child of children) {
      if (open.has(child)) cursor.fail("a value contains itself; save it without the cycle");
      pending.push(child);
    }
  }
}
