/**
 * @file A triangle mesh as a mark for `plotScene`.
 */
import { assertInput } from "../check";
import { cross, dot, normalize, subtract, type Vector3 } from "../geometry/vector";
import type { Trace } from "./figure";
import { flatPoints, type Points } from "./markPoints";
import { roundNumbers } from "./roundNumbers";
import { shadeColor } from "./shadeColor";
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
      intensitymode: "cell",
      intensity: brightness(flat, indices),
      cmin: 0,
      cmax: 1,
      colorscale: [0, 1].map((b) => [b, shadeColor(color, shadeOf(b))]),
      showscale: false,
      // The light is in the intensity: Plotly's own leaves a mesh dark that is seen with y down.
      lighting: { ambient: 1, diffuse: 0, specular: 0 },
      showlegend: true,
      hoverinfo: "name",
    },
  ];
}

/** The share of the full colour at brightness b: shadows keep some of it. */
export const shadeOf = (b: number): number => 0.4 + 0.6 * b;

// Over the reader's right shoulder in the camera's frame (x right, y down, z away).
const light = normalize([0.4, -0.55, -0.75]);

/** (1 + n·l)/2 of each triangle, n its outward normal, l the light: even faces that turn away differ from one another. */
function brightness(vertices: ArrayLike<number>, indices: readonly number[]): (number | null)[] {
  const vertex = (index: number): Vector3 => [vertices[3 * index], vertices[3 * index + 1], vertices[3 * index + 2]];
  const values = Array.from({ length: indices.length / 3 }, (_, triangle) => {
    const [a, b, c] = [0, 1, 2].map((corner) => vertex(indices[3 * triangle + corner]));
    return (1 + dot(normalize(cross(subtract(b, a), subtract(c, a))), light)) / 2;
  });
  return roundNumbers(values, 2);
}
