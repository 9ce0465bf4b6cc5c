/**
 * @file The picture's part of a training batch: crops that follow the augmentation of their clouds, and the cell in
 * which each point is seen.
 */
import { dynamicZoomIn, zoomDraws } from "../datasets/crop";
import { type ColorImage, imageCrop, pointCells, projectedBox } from "../datasets/imageCrop";
import { compose, invert, type Pose } from "../geometry/pose";
import { apply } from "../geometry/vector";
import type { Rng } from "../random";

/** Crops and map of the extractor for which a batch is made; plain data. */
export interface ImageBatchOptions {
  cropSize: number;
  gridSize: number;
  /** Colours of the rendered objects: see `ProceduralOptions.materials`. */
  materials?: "random" | "typical";
}

/** What an image feature extractor reads of a batch. */
export interface ImageBatch {
  /** B × S × S × 3 bytes. */
  crops: Uint8Array;
  /** B × N: the cell of each point in its object's map (row·grid + column). */
  cells: Int32Array;
  /** B × g × g × C: what a frozen image model made of the crops. */
  maps?: Float32Array;
}

/** Room for B objects with N points each. */
export const emptyImageBatch = (batchSize: number, points: number, { cropSize }: ImageBatchOptions): ImageBatch => ({
  crops: new Uint8Array(batchSize * cropSize * cropSize * 3),
  cells: new Int32Array(batchSize * points),
});

/** The crop around a detection varies less than GenPose's ± 25 %: ours is made of the points, not of a detector's box. */
const zoom = { padScale: 1.2, scaleRatio: 0.1, shiftRatio: 0.05 };

/** Share by which each colour may be brighter or darker, as lamps and white balances make it. */
const colorGain = 0.2;

/**
 * Put object `b` into the batch. Of the cloud's augmentation the rigid motion, a turn about the camera, turns the
 * picture too, exactly (`imageCrop`). Stretching and taper do not: every point keeps the colour of its surface, so its
 * cell is that of the point as it was seen, turned but not stretched.
 *
 * @param points N × 3 as they were rendered
 * @param from pose of the object there, `to` its pose after augmentation (without shift)
 */
export function addImage(
  batch: ImageBatch,
  b: number,
  { cropSize, gridSize }: ImageBatchOptions,
  image: ColorImage,
  points: Float32Array,
  { from, to }: { from: Pose; to: Pose },
  rng: Rng,
): void {
  const { rotation: turn } = compose(to, invert(from));
  const turned = new Float32Array(points.length);
  for (let i = 0; i < points.length; i += 3) turned.set(apply(turn, [points[i], points[i + 1], points[i + 2]]), i);
  const any = { width: Infinity, height: Infinity };
  const window = dynamicZoomIn(projectedBox(turned, image.camera), any, zoomDraws(rng.split("zoom")), zoom);
  const crop = imageCrop(image, window, cropSize, { turn });
  const color = rng.split("color");
  const gains = [0, 1, 2].map(() => color.uniform(1 - colorGain, 1 + colorGain));
  for (let i = 0; i < crop.length; i++) crop[i] = Math.min(255, Math.round(gains[i % 3] * crop[i]));
  batch.crops.set(crop, b * crop.length);
  batch.cells.set(pointCells(turned, image.camera, window, gridSize), (b * points.length) / 3);
}
