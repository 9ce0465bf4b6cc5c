/**
 * @file What a decoded pickle may look like: plain values, without cycles, not too deep, not unfolding without end.
 */
import type { PickleCursor } from "./pickleCursor";
import { PickleDtype, PickleGlobal, PickleLeaf } from "./pickleNumpy";

const maxDepth = 100;
/** Every shared part counted as often as it is referred to: what a consumer that walks the value would see. */
const maxExpandedNodes = 20_000_000;

const isContainer = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !(value instanceof Uint8Array) && !(value instanceof PickleLeaf);

/**
 * Refuses what would hang or overflow a consumer that walks the value: cycles, nesting beyond `maxDepth`, and shared
 * parts that unfold to more than `maxExpandedNodes`; and functions or dtypes left as values. It uses no recursion.
 */
export function assertPlain(root: unknown, cursor: PickleCursor): void {
  const measured = new Map<object, { nodes: number; depth: number }>();
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
    const children = Object.values(value).filter(
      (child) => isContainer(child) || child instanceof PickleGlobal || child instanceof PickleDtype,
    );
    if (open.has(value)) {
      const sizes = children.map((child) => measured.get(child) ?? { nodes: 1, depth: 0 });
      const nodes = sizes.reduce((sum, size) => sum + size.nodes, 1 + Object.keys(value).length);
      const depth = sizes.reduce((deepest, size) => Math.max(deepest, size.depth), 0) + 1;
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
      if (isContainer(child) && open.has(child)) cursor.fail("a value contains itself; save it without the cycle");
      pending.push(child);
    }
  }
}
