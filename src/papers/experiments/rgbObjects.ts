/**
 * @file Unseen photos with the features of their objects, encoded once for all parts of an experiment.
 */
import { assertInput } from "../../check";
import { type PhotoSample, proceduralPhoto } from "../../datasets/procedural/proceduralPhoto";
import type { OrientedBox } from "../../geometry/box";
import { isCategory } from "../../geometry/symmetry";
import type { BoxTruth } from "../../metrics/boxError";
import type { Score } from "../../sde/sde";
import { loadRgbEstimator, type RgbEstimator } from "../rgbEstimator";
import { diffusionVector } from "../rgbPose";
import type { PartContext } from "./experiment";
import { pause } from "./testObjects";

/** How hypotheses are drawn: the whole diffusion, in as many steps for each. */
export const rgbSampling: { steps: number; t0: number } = { steps: 50, t0: 1 };

/** An object in a photo, and the learned score of its pose and size. */
export interface RgbObject {
  index: number;
  truth: BoxTruth;
  score: Score;
  /** Rows of the diffusion's numbers as poses and sizes in metres. */
  boxesOf: (x: ArrayLike<number>) => OrientedBox[];
  /** Poses and sizes as rows of the diffusion's numbers in this photo. */
  vectorsOf: (boxes: readonly OrientedBox[]) => Float64Array;
  /** From photo to feature. */
  encodeMs: number;
}

/** The object of a photo. @throws InputError for an object that is none of the six categories */
export function rgbObjectOf(estimator: RgbEstimator, photo: PhotoSample, index: number): RgbObject {
  const { category, pose, size, handleVisible } = photo;
  assertInput(isCategory(category), `rgbObjectOf: ${photo.id} shows a ${category}; give one of the six categories`);
  const began = performance.now();
  const { feature, frame } = estimator.encode({ ...photo, category, geometry: photo.predicted });
  const encodeMs = performance.now() - began;
  return {
    index,
    truth: { category, box: { ...pose, size }, handleVisible },
    score: estimator.scoreOf(feature),
    boxesOf: (x) => estimator.boxesOf(x, frame),
    vectorsOf: (boxes) => Float64Array.from(boxes.flatMap((box) => diffusionVector(box, frame, estimator.config))),
    encodeMs,
  };
}

// One network at a time and one feature per photo, whatever part asks.
const cache: { path?: string; estimator?: RgbEstimator; objects: Map<number, RgbObject> } = { objects: new Map() };

/** The first `count` photos of the test split, all six categories in turn, as the network at `path` reads them. */
export async function rgbObjects(count: number, path: string, context: PartContext): Promise<RgbObject[]> {
  if (cache.path !== path) {
    cache.estimator?.dispose();
    cache.objects.clear();
    cache.estimator = loadRgbEstimator(path);
    cache.path = path;
  }
  const objects: RgbObject[] = [];
  for (let i = 0; i < count; i++) {
    let object = cache.objects.get(i);
    if (object === undefined) {
      await pause(context);
      object = rgbObjectOf(cache.estimator as RgbEstimator, proceduralPhoto("test", i), i);
      cache.objects.set(i, object);
      context.progress(0, `encoding, ${i + 1} of ${count}`);
    }
    objects.push(object);
  }
  return objects;
}

/** Add a value to a list by its name. */
export function put<T>(lists: Record<string, T[]>, name: string, value: T): void {
  const list = lists[name];
  if (list) list.push(value);
  else lists[name] = [value];
}
