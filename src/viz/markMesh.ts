/**
 * @file A triangle mesh as a mark for `plotScene`.
 */
import { assertInput } from "../check";
import type { Trace } from "./figure";
import { flatPoints, type Points } from "./markPoints";
import { roundNumbers } from "./roundNumbers";
import { palette } from "./template";

/** Look of the surface. */
export interface MarkMeshOptions {
  name?: string;
  color?: string;
  opacity?: number;
}

const defaults = { name: "mesh", color: palette.orange, opacity: 1 } satisfies MarkMeshOptions;

/** What of a `Mesh` is needed: vertices N × 3 in metres, triangles M × 3 indices into them, flat. */
export interface TriangleMesh {
  vertices: Points;
  triangles: ArrayLike<number>;
}

/**
 * A surface of triangles.
 *
 * @throws InputError if the vertices are not triples or an index points beyond them
 */
export function markMesh({ vertices, triangles }: TriangleMesh, options: MarkMeshOptions = {}): Trace[] {
  const { name, color, opacity } = { ...defaults, ...options };
  const flat = flatPoints("markMesh", vertices);
  const n = flat.length / 3;
  const indices = Array.from(triangles);
  assertInput(
    indices.length % 3 === 0,
    `markMesh: ${indices.length} indices are not triples; pass three for each triangle`,
  );
  const stray = indices.find((index) => !(Number.isInteger(index) && index >= 0 && index < n));
  assertInput(stray === undefined, `markMesh: index ${stray} points beyond the ${n} vertices; number them from 0`);
  const coordinate = (axis: number): (number | null)[] =>
    roundNumbers(Array.from({ length: n }, (_, i) => flat[3 * i + axis] as number));
  const corner = (which: number): number[] => indices.filter((_, i) => i % 3 === which);
  return [
    {
      type: "mesh3d",
      name,
      x: coordinate(0),
      y: coordinate(1),
      z: coordinate(2),
      i: corner(0),
      j: corner(1),
      k: corner(2),
      color,
      opacity,
      flatshading: true,
      hoverinfo: "name",
    },
  ];
}
