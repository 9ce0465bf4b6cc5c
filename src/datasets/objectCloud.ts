/**
 * @file The points of an object: masked depth, back-projected and freed of what does not belong to it.
 */
import { cleanCloud } from "../geometry/cleanCloud";
import { backProjectMask } from "../geometry/pointcloud";
import type { Sample } from "./sample";

/**
 * N × 3 points in the camera frame, metres. A mask that is a little too wide takes in table and background, which would
 * move the centroid by centimetres: `cleanCloud` drops them (`clean: false` keeps all).
 */
export function objectCloud(
  sample: Pick<Sample, "depth" | "mask" | "camera">,
  { clean = false }: { clean?: boolean } = {},
): Float32Array {
  const cloud = backProjectMask(sample.depth, sample.mask, sample.camera);
  return clean ? cleanCloud(cloud).points : cloud;
}
