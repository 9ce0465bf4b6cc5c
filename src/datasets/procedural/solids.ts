/**
 * @file Solids that the six categories are built from: lathe, cuboid, tube. One builder collects them into a mesh.
 */
import { centreOnBox, type Mesh } from "../../geometry/mesh";
import { apply, type Matrix3, type Vector3 } from "../../geometry/vector";

/** Places a solid: x → R·x + t. */
export interface Placement {
  rotation?: Matrix3;
  translation?: Vector3;
}

/** Collects solids. Every method returns the builder; `build` gives the mesh, centred on its box. */
export class Solid {
  readonly #vertices: number[] = [];
  readonly #triangles: number[] = [];
  readonly #parts: number[] = [];
  #part = 0;

  /** What is added from here on is part `number` (0 body, 1 handle). */
  part(number: number): this {
    this.#part = number;
    return this;
  }

  #add(vertices: readonly Vector3[], quads: readonly (readonly number[])[], placement: Placement): this {
    const base = this.#vertices.length / 3;
    const { rotation, translation: t = [0, 0, 0] } = placement;
    for (const vertex of vertices) {
      const v = rotation ? apply(rotation, vertex) : vertex;
      this.#vertices.push(v[0] + t[0], v[1] + t[1], v[2] + t[2]);
    }
    for (const [a, b, c, d] of quads as readonly [number, number, number, number][]) {
      this.#triangles.push(base + a, base + b, base + c, base + a, base + c, base + d);
      this.#parts.push(this.#part, this.#part);
    }
    return this;
  }

  /**
   * A lathe about y: the profile's (radius, y) pairs, listed from the bottom centre outwards and up, are turned once.
   * `flatten` scales z (an elliptic cross-section).
   */
  lathe(
    profile: readonly (readonly [number, number])[],
    { segments = 28, flatten = 1, ...placement }: { segments?: number; flatten?: number } & Placement = {},
  ): this {
    const vertices: Vector3[] = [];
    for (const [radius, y] of profile)
      for (let s = 0; s < segments; s++) {
        const angle = (2 * Math.PI * s) / segments;
        vertices.push([radius * Math.cos(angle), y, flatten * radius * Math.sin(angle)]);
      }
    const quads: number[][] = [];
    for (let i = 0; i + 1 < profile.length; i++)
      for (let s = 0; s < segments; s++) {
        const next = (s + 1) % segments;
        quads.push([i * segments + s, (i + 1) * segments + s, (i + 1) * segments + next, i * segments + next]);
      }
    return this.#add(vertices, quads, placement);
  }

  /**
   * A cuboid of full extents `size` about the placement's origin; `bevel` metres are cut off its vertical (y) edges and
   * `taper` scales the top face.
   */
  cuboid(
    size: Vector3,
    { bevel = 0, taper = 1, ...placement }: { bevel?: number; taper?: number } & Placement = {},
  ): this {
    const [x, y, z] = [size[0] / 2, size[1] / 2, size[2] / 2];
    const b = Math.min(bevel, 0.95 * x, 0.95 * z);
    const outline: [number, number][] =
      b > 0
        ? [
            [x, z - b],
            [x - b, z],
            [b - x, z],
            [-x, z - b],
            [-x, b - z],
            [b - x, -z],
            [x - b, -z],
            [x, b - z],
          ]
        : [
            [x, z],
            [-x, z],
            [-x, -z],
            [x, -z],
          ];
    const n = outline.length;
    const vertices: Vector3[] = [
      ...outline.map(([px, pz]): Vector3 => [px, -y, pz]),
      ...outline.map(([px, pz]): Vector3 => [taper * px, y, taper * pz]),
      [0, -y, 0],
      [0, y, 0],
    ];
    const quads: number[][] = [];
    for (let i = 0; i < n; i++) {
      const j = (i + 1) % n;
      quads.push([j, i, n + i, n + j], [2 * n, i, j, j], [2 * n + 1, n + j, n + i, n + i]);
    }
    return this.#add(vertices, quads, placement);
  }

  /** A tube of elliptic section (half-axes `across` in the path's plane, `along` z) along a path in the xy plane. */
  tube(
    path: readonly (readonly [number, number])[],
    { across, along, sides = 6 }: { across: number; along: number; sides?: number },
  ): this {
    const vertices: Vector3[] = [];
    path.forEach(([px, py], i) => {
      const [ax, ay] = path[Math.max(0, i - 1)]!;
      const [bx, by] = path[Math.min(path.length - 1, i + 1)]!;
      const length = Math.hypot(bx - ax, by - ay) || 1;
      const [nx, ny] = [(by - ay) / length, -(bx - ax) / length];
      for (let s = 0; s < sides; s++) {
        const angle = (2 * Math.PI * s) / sides;
        const radial = across * Math.cos(angle);
        vertices.push([px + radial * nx, py + radial * ny, along * Math.sin(angle)]);
      }
    });
    const quads: number[][] = [];
    for (let i = 0; i + 1 < path.length; i++)
      for (let s = 0; s < sides; s++) {
        const next = (s + 1) % sides;
        quads.push([i * sides + s, (i + 1) * sides + s, (i + 1) * sides + next, i * sides + next]);
      }
    return this.#add(vertices, quads, {});
  }

  /** The mesh, centred on its box (the NOCS convention). */
  build(): Mesh {
    return centreOnBox({
      vertices: Float64Array.from(this.#vertices),
      triangles: Uint32Array.from(this.#triangles),
      parts: Uint8Array.from(this.#parts),
    });
  }
}

/** A smooth curve through control values at 0 … 1, by cosine interpolation: the same at the controls, level there. */
export function smoothProfile(controls: readonly number[], at: number): number {
  const position = Math.min(1, Math.max(0, at)) * (controls.length - 1);
  const i = Math.min(controls.length - 2, Math.floor(position));
  const s = (1 - Math.cos(Math.PI * (position - i))) / 2;
  return controls[i]! * (1 - s) + controls[i + 1]! * s;
}
