/**
 * @file Directions spread evenly over the sphere: the icosphere of template matching, the view samplers of the BOP toolkit.
 */
import { assertInput } from "../check";
import { normalize, type Vector3 } from "./vector";

/** Points of a triangle mesh over the sphere, and which are joined. */
interface SphereMesh {
  points: Vector3[];
  triangles: (readonly [number, number, number])[];
}

/** The icosahedron with its poles on z, the upper ring at azimuths 36° + 72°k, the lower one at 72°k. */
function polarIcosahedron(): SphereMesh {
  const points: Vector3[] = [[0, 0, 1]];
  const height = 1 / Math.sqrt(5);
  for (const [start, z] of [
    [36, height],
    [0, -height],
  ])
    for (let k = 0; k < 5; k++) {
      const azimuth = ((start + 72 * k) * Math.PI) / 180;
      points.push([2 * height * Math.cos(azimuth), 2 * height * Math.sin(azimuth), z]);
    }
  points.push([0, 0, -1]);
  const triangles: [number, number, number][] = [];
  for (let k = 0; k < 5; k++) {
    const next = (k + 1) % 5;
    // Upper vertex k lies between the lower ones k and k + 1.
    triangles.push([0, 1 + k, 1 + next], [11, 6 + next, 6 + k]);
    triangles.push([1 + k, 6 + k, 6 + next], [1 + k, 6 + next, 1 + next]);
  }
  return { points, triangles };
}

/** The icosahedron of the BOP toolkit, by golden rectangles. */
function goldenIcosahedron(): SphereMesh {
  const golden = (1 + Math.sqrt(5)) / 2;
  const points: Vector3[] = [];
  for (const [i, j] of [
    [0, 1],
    [1, 2],
    [2, 0],
  ])
    for (const short of [-1, 1])
      for (const long of [-golden, golden]) {
        const point = [0, 0, 0];
        point[i] = short;
        point[j] = long;
        points.push(point as unknown as Vector3);
      }
  const triangles: [number, number, number][] = [];
  const near = (a: number, b: number): boolean =>
    Math.abs(Math.hypot(...points[a].map((x, i) => x - points[b][i])) - 2) < 1e-9;
  for (let a = 0; a < 12; a++)
    for (let b = a + 1; b < 12; b++)
      for (let c = b + 1; c < 12; c++) if (near(a, b) && near(b, c) && near(a, c)) triangles.push([a, b, c]);
  return { points, triangles };
}

/** Each triangle as four; new points are the middles of edges. */
function subdivided({ points, triangles }: SphereMesh): SphereMesh {
  const all = [...points];
  const middles = new Map<string, number>();
  const middle = (a: number, b: number): number => {
    const key = a < b ? `${a} ${b}` : `${b} ${a}`;
    const known = middles.get(key);
    if (known !== undefined) return known;
    const [p, q] = [points[a], points[b]];
    middles.set(key, all.length);
    return all.push([(p[0] + q[0]) / 2, (p[1] + q[1]) / 2, (p[2] + q[2]) / 2]) - 1;
  };
  const parts = triangles.flatMap(([a, b, c]): (readonly [number, number, number])[] => {
    const [ab, bc, ca] = [middle(a, b), middle(b, c), middle(c, a)];
    return [
      [a, ab, ca],
      [b, bc, ab],
      [c, ca, bc],
      [ab, bc, ca],
    ];
  });
  return { points: all, triangles: parts };
}

/**
 * The icosphere: an icosahedron with poles on z, every edge halved so many times and the new points moved out to the
 * sphere each time; 12, 42, 162, 642, 2,562 … unit vectors (10·4ⁿ + 2).
 *
 * @throws InputError unless `subdivisions` is a whole number from 0 to 7
 */
export function icosphere(subdivisions: number): Vector3[] {
  assertInput(
    Number.isInteger(subdivisions) && subdivisions >= 0 && subdivisions <= 7,
    `icosphere: got ${subdivisions} subdivisions; give a whole number from 0 to 7`,
  );
  let mesh = polarIcosahedron();
  for (let i = 0; i < subdivisions; i++) {
    const finer = subdivided(mesh);
    mesh = { ...finer, points: finer.points.map(normalize) };
  }
  return mesh.points;
}

/**
 * The view sphere of the BOP toolkit (`view_sampler.py`, after Hinterstoisser et al. 2008): an icosahedron whose edges
 * are halved until there are at least `count` points, moved out to the sphere only then; ordered in rings from the top,
 * each ring by azimuth.
 *
 * @returns unit vectors from the object to the camera
 * @throws InputError unless 1 ≤ count ≤ 163,842
 */
export function bopViewSphere(count: number): Vector3[] {
  assertInput(count >= 1 && count <= 163_842, `bopViewSphere: got ${count} views; give a number from 1 to 163842`);
  let mesh = goldenIcosahedron();
  while (mesh.points.length < count) mesh = subdivided(mesh);
  const points = mesh.points.map(normalize);
  const neighbours = points.map(() => new Set<number>());
  for (const [a, b, c] of mesh.triangles) {
    neighbours[a].add(b).add(c);
    neighbours[b].add(a).add(c);
    neighbours[c].add(a).add(b);
  }
  const azimuth = (i: number): number => (Math.atan2(points[i][1], points[i][0]) + 2 * Math.PI) % (2 * Math.PI);
  const top = points.reduce((best, p, i) => (p[2] > points[best][2] ? i : best), 0);
  const done = new Set<number>([top]);
  const ordered: Vector3[] = [];
  for (let ring = [top]; ring.length > 0; ) {
    ring.sort((a, b) => azimuth(a) - azimuth(b));
    for (const i of ring) ordered.push(points[i]);
    const next = new Set<number>();
    for (const i of ring) for (const j of neighbours[i]) if (!done.has(j)) next.add(j);
    for (const j of next) done.add(j);
    ring = [...next];
  }
  return ordered;
}

/**
 * Points of a Fibonacci lattice (González 2010, as the BOP toolkit has it), from below to above; an even count becomes
 * the next odd one: latitude asin(2i/N), longitude 2πi(φ − 1), i = −⌊N/2⌋ … ⌊N/2⌋.
 *
 * @throws InputError unless `count` is a positive whole number
 */
export function fibonacciSphere(count: number): Vector3[] {
  assertInput(
    Number.isInteger(count) && count > 0,
    `fibonacciSphere: got ${count} points; give a positive whole number`,
  );
  const half = Math.floor(count / 2);
  const turn = Math.PI * (Math.sqrt(5) - 1);
  return Array.from({ length: 2 * half + 1 }, (_, k): Vector3 => {
    const i = k - half;
    const z = (2 * i) / (2 * half + 1);
    const radius = Math.sqrt(1 - z * z);
    return [radius * Math.cos(turn * i), radius * Math.sin(turn * i), z];
  });
}
