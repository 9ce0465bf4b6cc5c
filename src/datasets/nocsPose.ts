/**
 * @file The pose of an object of a NOCS frame from its coordinate map and depth.
 */
import { assertInput } from "../check";
import { backProject } from "../geometry/camera";
import type { Similarity } from "../geometry/similarity";
import { indexDraws, umeyamaRansac } from "../geometry/umeyama";
import { norm, type Vector3 } from "../geometry/vector";
import { Rng } from "../random";
import type { NocsFrame } from "./nocs";

/** Fewest pixels with coordinates and depth that a pose is fitted to (GenPose skips smaller objects too). */
export const fewestPoints = 50;

/** Centred NOCS coordinates of an object's pixels beside the camera points of the same pixels. */
export interface NocsCorrespondences {
  /** N × 3, −½ … ½. */
  coordinates: Float64Array;
  /** N × 3, metres, camera frame. */
  points: Float64Array;
}

/** The pixels of instance `id` with coordinate and depth. @throws InputError for a frame without coordinate map. */
export function nocsCorrespondences(frame: NocsFrame, id: number): NocsCorrespondences {
  const { nocs, mask, depth, camera } = frame;
  assertInput(nocs, `${frame.id}: the frame has no coord.png; poses from coordinates need it`);
  const coordinates: number[] = [];
  const points: number[] = [];
  mask.forEach((value, i) => {
    // the background's colour is white, (1, 1, 0) after the flip of z
    const marked = nocs[3 * i] < 1 || nocs[3 * i + 1] < 1 || nocs[3 * i + 2] > 0;
    if (value !== id || !(depth[i] > 0) || !marked) return;
    for (let axis = 0; axis < 3; axis++) coordinates.push(nocs[3 * i + axis] - 0.5);
    points.push(...backProject(camera, i % camera.width, Math.floor(i / camera.width), depth[i]));
  });
  return { coordinates: Float64Array.from(coordinates), points: Float64Array.from(points) };
}

/**
 * Centred NOCS coordinates → camera, by Umeyama with RANSAC over the object's pixels: its scale is the diagonal of the
 * object's box in metres. RANSAC, because masks of real frames carry borders that lie on the background.
 *
 * @returns undefined with fewer than 50 pixels or no consensus
 * @throws InputError for a frame without coordinate map
 */
export function alignNocs(frame: NocsFrame, id: number): Similarity | undefined {
  const { coordinates, points } = nocsCorrespondences(frame, id);
  const count = points.length / 3;
  if (count < fewestPoints) return undefined;
  // the stream depends on the frame and the object only: the same answer in whatever order objects are asked for
  const draws = indexDraws(new Rng(0).split(`${frame.id}#${id}`), count);
  return umeyamaRansac(coordinates, points, draws)?.similarity;
}

/**
 * Box extents from the visible coordinates, in metres: 2·max|coordinate| along each axis, because the box is centred.
 * A lower bound: a side that the camera cannot see counts only by its opposite.
 */
export function visibleExtents(frame: NocsFrame, id: number, scale: number): Vector3 {
  const { coordinates } = nocsCorrespondences(frame, id);
  const reach = [0, 0, 0];
  coordinates.forEach((value, i) => {
    reach[i % 3] = Math.max(reach[i % 3], Math.abs(value));
  });
  return [2 * scale * reach[0], 2 * scale * reach[1], 2 * scale * reach[2]];
}

/** Fewest handle pixels that make a handle visible. */
const fewestHandlePixels = 20;

/**
 * Whether a mug's handle can be seen: at least 20 pixels lie beyond the body. NOCS mugs have the handle at +x, and the
 * box is centred; the body is as wide as the box is deep and touches its −x side, so it ends at x = e_z − e_x/2.
 *
 * @param size the box's true extents (those of the visible part would not do)
 */
export function handleInSight(frame: NocsFrame, id: number, size: Vector3): boolean {
  const bodyEnd = (size[2] - size[0] / 2) / norm(size);
  const { coordinates } = nocsCorrespondences(frame, id);
  let beyond = 0;
  for (let i = 0; i < coordinates.length; i += 3) if (coordinates[i] > bodyEnd + 0.02) beyond++;
  return beyond >= fewestHandlePixels;
}
