/**
 * @file Oriented boxes: corners, exact volume of the intersection of two, IoU.
 */
import { assertFinite, InputError } from "../check";
import { compose, invert, type Pose, transformPoint } from "./pose";
import type { Vector3 } from "./vector";
import { volumeInside } from "./volumeInside";

/** A box with its centre at `translation`, axes along the columns of `rotation` and extents `size` (metres). */
export interface OrientedBox extends Pose {
  size: Vector3;
}

/** The eight corners; bit 2 of the index is −x, bit 1 −y, bit 0 −z, so corner 0 is (+, +, +)/2. */
export function boxCorners(box: OrientedBox): Vector3[] {
  const [x, y, z] = [box.size[0] / 2, box.size[1] / 2, box.size[2] / 2];
  return Array.from({ length: 8 }, (_, i) => transformPoint(box, [i & 4 ? -x : x, i & 2 ? -y : y, i & 1 ? -z : z]));
}

/** The product of the extents. */
export const boxVolume = (box: OrientedBox): number => box.size[0] * box.size[1] * box.size[2];

function assertBox(where: string, { rotation, translation, size }: OrientedBox): void {
  assertFinite(where, rotation);
  assertFinite(where, translation);
  assertFinite(where, size);
  // The sentence is made only where it is needed: an evaluation asks millions of times.
  if (!(size[0] > 0 && size[1] > 0 && size[2] > 0))
    throw new InputError(`${where}: the box has the size ${size.join(" × ")}; every extent must be positive`);
}

/**
 * vol(A ∩ B), exact up to rounding: the faces of A are clipped by the six planes of B, in B's frame, where they are
 * |x| ≤ size/2.
 * @throws InputError for a box that is not finite or has an extent that is not positive
 */
export function boxIntersectionVolume(a: OrientedBox, b: OrientedBox): number {
  assertBox("boxIntersectionVolume", a);
  assertBox("boxIntersectionVolume", b);
  const [ta, tb] = [a.translation, b.translation];
  const reach = (Math.hypot(...a.size) + Math.hypot(...b.size)) / 2;
  if (Math.hypot(ta[0] - tb[0], ta[1] - tb[1], ta[2] - tb[2]) >= reach) return 0;
  return volumeInside(compose(invert(b), a), a.size, b.size);
}

/**
 * vol(A ∩ B) / vol(A ∪ B), in [0, 1].
 * @throws InputError for a box that is not finite or has an extent that is not positive
 */
export function boxIou(a: OrientedBox, b: OrientedBox): number {
  const intersection = boxIntersectionVolume(a, b);
  return Math.min(1, intersection / (boxVolume(a) + boxVolume(b) - intersection));
}
