/**
 * @file Training batches of paper B from the embedded photos.
 */
import { categoryId } from "../datasets/boxSource";
import { dynamicZoomIn, zoomDraws } from "../datasets/crop";
import { developAnew } from "../datasets/procedural/developAnew";
import { photoWindow, thumbnailSize } from "../datasets/procedural/proceduralPhoto";
import { windowWithin } from "../datasets/windowWithin";
import { zoomMaps } from "../datasets/zoomCrop";
import { poseSizeDimension } from "../geometry/poseSizeVector";
import { isCategory, symmetryOf } from "../geometry/symmetry";
import type { ViewBatch } from "../models/viewEncoder";
import { Rng } from "../random";
import { VESDE } from "../sde/vesde";
import { type DenoisingDraws, focusedTime, perturb } from "../training/denoisingDraws";
import { defaultMixture } from "./poseBatch";
import { revisitedScenes } from "./revisitedScenes";
import { canonicalFrame, diffusionVector, type PoseForm } from "./rgbPose";
import { frameNumbers, joinGeometry, photoWithBox } from "./rgbView";

/** What one training step reads. */
export interface RgbBatch {
  view: ViewBatch;
  /** B × 12: the diffusion's numbers. */
  poses: Float32Array;
  /** B: 1 where only the y axis counts, 0 elsewhere. */
  symmetric: Uint8Array;
  /** R draws of time and noise per pose. */
  draws: DenoisingDraws;
}

/** How batches are made; plain data, so that it can be sent to a worker thread. */
export interface RgbBatchOptions {
  seed: number;
  batchSize: number;
  /** R, draws of time and noise per encoder pass. */
  draws: number;
  /** How often a rendered scene is seen, each time in another crop; divides the batch. */
  visits: number;
  /** Side of the crops, pixels. */
  cropSize: number;
  form: PoseForm;
  dropRate: number;
  timeFocus: number;
}

/** Pixels of a rendered window per pixel of the crops that are cut out of it: it is 2.4 boxes wide, a crop 1.1 to 1.9. */
const windowPixels = 1.5;

/**
 * The batch of any step: `rgbBatches(options)(step)`. It depends on options and step alone. A scene is rendered once and
 * seen in `visits` steps (`revisitedScenes`), each time through another dynamic zoom-in, exposure and drop of conditions.
 *
 * @throws InputError if the visits do not divide the batch
 */
export function rgbBatches(options: RgbBatchOptions): (step: number) => RgbBatch {
  const { seed, batchSize, draws, visits, cropSize, form, dropRate, timeFocus } = options;
  const rng = new Rng(seed).split("rgb batches");
  const sde = new VESDE();
  const sceneAt = revisitedScenes({
    batchSize,
    visits,
    make: (index) => {
      const category = defaultMixture[index % defaultMixture.length];
      return photoWindow("train", index, { seed, category, resolution: windowPixels * cropSize });
    },
  });
  return (step) => {
    const side = cropSize * cropSize;
    const { width, height } = thumbnailSize;
    const view: ViewBatch = {
      batch: batchSize,
      crops: new Uint8Array(batchSize * side * 3),
      geometry: new Float32Array(batchSize * side * 4),
      photos: new Uint8Array(batchSize * width * height * 4),
      frames: new Float32Array(batchSize * 3),
      labels: new Uint8Array(batchSize),
      kept: new Float32Array(batchSize * 4),
    };
    const poses = new Float32Array(batchSize * poseSizeDimension);
    const symmetric = new Uint8Array(batchSize);
    for (let b = 0; b < batchSize; b++) {
      const scene = sceneAt(step, b);
      const own = rng.split("visit").split(step).split(b);
      const { photoCamera: photo, camera, rgb, predicted, box } = scene;
      const window = dynamicZoomIn(box, photo, zoomDraws(own.split("zoom")));
      const maps = zoomMaps({ rgb, camera }, predicted, windowWithin(camera, photo, window), cropSize);
      const thumbnail = scene.thumbnail.slice();
      developAnew([maps.rgb, thumbnail], own.split("develop"));
      view.crops.set(maps.rgb, b * side * 3);
      view.geometry.set(joinGeometry(maps), b * side * 4);
      view.photos.set(photoWithBox(thumbnail, box, photo), b * width * height * 4);
      view.frames.set(frameNumbers(photo, window), b * 3);
      view.labels[b] = categoryId(isCategory(scene.category) ? scene.category : undefined);
      const drop = own.split("drop");
      for (let k = 0; k < 4; k++) (view.kept as Float32Array)[4 * b + k] = drop.chance(dropRate) ? 0 : 1;
      const frame = canonicalFrame(photo, box, window, cropSize);
      poses.set(diffusionVector({ ...scene.pose, size: scene.size }, frame, form), b * poseSizeDimension);
      symmetric[b] = symmetryOf(scene.category, scene.handleVisible) === "aboutY" ? 1 : 0;
    }
    const chance = rng.split("noise").split(step);
    const rows = batchSize * draws;
    const t = Float32Array.from({ length: rows }, () => focusedTime(chance, timeFocus));
    const noise = Float32Array.from({ length: rows * poseSizeDimension }, () => chance.normal());
    return { view, poses, symmetric, draws: perturb(poses, t, noise, (time) => sde.sigma(time), draws) };
  };
}
