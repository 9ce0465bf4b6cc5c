/**
 * @file The box of an object as twelve edges, a mark for `plotScene`.
 */
import { assertFinite, assertShape } from "../check";
import { type Pose, transformPoint } from "../geometry/pose";
import type { Vector3 } from "../geometry/vector";
import type { Trace } from "./figure";
import { roundNumbers } from "./roundNumbers";
import { palette } from "./template";

/** Look of the edges. */
export interface MarkBoxOptions {
  name?: string;
  color?: string;
  /** Pixels. */
  width?: number;
}

const defaults = { name: "box", color: palette.grey, width: 3 } satisfies MarkBoxOptions;

/** Corner c has the signs of its three bits; an edge joins two corners that differ in one bit. */
const edges: readonly (readonly [number, number])[] = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((corner) =>
  [1, 2, 4].filter((bit) => (corner & bit) === 0).map((bit) => [corner, corner | bit] as const),
);

/** The twelve edges of the box of extents `size` around `pose`, as pairs of points. */
export function boxEdges(pose: Pose, size: Vector3): (readonly [Vector3, Vector3])[] {
  const corner = (c: number): Vector3 =>
    transformPoint(pose, [0, 1, 2].map((i) => (c & (1 << i) ? 0.5 : -0.5) * (size[i] as number)) as unknown as Vector3);
  return edges.map(([a, b]) => [corner(a), corner(b)]);
}

/** The box of extents `size` (metres), centred at the origin of the object. @throws InputError if size is not 3 numbers */
export function markBox(pose: Pose, size: Vector3, options: MarkBoxOptions = {}): Trace[] {
  const { name, color, width } = { ...defaults, ...options };
  assertShape("markBox size", size, [3]);
  assertFinite("markBox size", size);
  const line = boxEdges(pose, size).flatMap(([a, b]) => [a, b, [Number.NaN, Number.NaN, Number.NaN]]);
  const coordinate = (i: number): (number | null)[] => roundNumbers(line.map((point) => point[i] as number));
  const [x, y, z] = [coordinate(0), coordinate(1), coordinate(2)];
  return [{ type: "scatter3d", mode: "lines", name, x, y, z, line: { color, width }, hoverinfo: "name" }];
}
