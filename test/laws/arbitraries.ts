/**
 * @file What the property tests draw: rotations, vectors, poses, boxes. One seed, so that a failure comes again.
 */
import fc from "fast-check";
import type { OrientedBox } from "../../src/geometry/box";
import type { Pose } from "../../src/geometry/pose";
import { exp } from "../../src/geometry/so3";
import { type Matrix3, norm, scale, type Vector3 } from "../../src/geometry/vector";

fc.configureGlobal({ seed: 2024, numRuns: 200 });

const within = (bound: number): fc.Arbitrary<number> => fc.double({ min: -bound, max: bound, noNaN: true });

export const vector = (bound: number): fc.Arbitrary<Vector3> => fc.tuple(within(bound), within(bound), within(bound));

/** A unit vector. */
export const direction: fc.Arbitrary<Vector3> = vector(1)
  .filter((v) => norm(v) > 1e-3)
  .map((v) => scale(v, 1 / norm(v)));

/** Angles of all sizes: ordinary ones, tiny ones, and close to π. */
export const angle: fc.Arbitrary<number> = fc.oneof(
  fc.double({ min: 0, max: Math.PI, noNaN: true }),
  fc.double({ min: -16, max: -2, noNaN: true }).map((e) => 10 ** e),
  fc.double({ min: -16, max: -2, noNaN: true }).map((e) => Math.PI - 10 ** e),
);

export const rotation: fc.Arbitrary<Matrix3> = fc.tuple(direction, angle).map(([axis, a]) => exp(scale(axis, a)));

export const pose: fc.Arbitrary<Pose> = fc.record({ rotation, translation: vector(2) });

const extent = fc.double({ min: 0.05, max: 1, noNaN: true });

export const box: fc.Arbitrary<OrientedBox> = fc.record({
  rotation,
  translation: vector(0.4),
  size: fc.tuple(extent, extent, extent),
});

/** The largest |aᵢ − bᵢ|. */
export const difference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i])));
