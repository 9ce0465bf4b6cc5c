/**
 * @file Unseen photos with the features of their objects, encoded once for all parts of an experiment.
 */
import { assertInput } from "../../check";
import { type PhotoSample, proceduralPhoto } from "../../datasets/procedural/proceduralPhoto";
import type { OrientedBox } from "../../geometry/box";
import { isCategory } from "../../geometry/symmetry";
import type { BoxTruth } from "../../metrics/boxError";
import type { Score } from "../../sde/sde";
import { pause } from "../pause";
import { loadRgbEstimator, type RgbEstimator } from "../rgbEstimator";
import { diffusionVector } from "../rgbPose";
import type { PhotoView } from "../rgbView";
import type { PartContext } from "./experiment";

/** How hypotheses are drawn: the whole diffusion, in as many steps for each. */
export const rgbSampling: { steps: number; t0: number } = { steps: 50, t0: 1 };

/** An object in a photo, and the learned score of its pose and size. */
export interface RgbObject {
  index: number;
  truth: BoxTruth;
  /** The condition of the score. */
  feature: Float32Array;
  score: Score;
  /** Rows of the diffusion's numbers as poses and sizes in metres. */
  boxesOf: (x: ArrayLike<number>) => OrientedBox[];
  /** Poses and sizes as rows of the diffusion's numbers in this photo. */
  vectorsOf: (boxes: readonly OrientedBox[]) => Float64Array;
  /** From photo to feature. */
  encodeMs: number;
}

/** What the networks read of a photo. @throws InputError for an object that is none of the six categories */
export function photoView({
  id,
  rgb,
  camera,
  box,
  category,
  predicted,
}: PhotoSample): PhotoView & Pick<BoxTruth, "category"> {
  assertInput(isCategory(category), `photoView: ${id} shows a ${category}; give one of the six categories`);
  return { rgb, camera, box, category, geometry: predicted };
}

/** The object of a photo. @throws InputError for an object that is none of the six categories */
export function rgbObjectOf(estimator: RgbEstimator, photo: PhotoSample, index: number): RgbObject {
  const { pose, size, handleVisible } = photo;
  const view = photoView(photo);
  const { category } = view;
  const began = performance.now();
  const { feature, frame } = estimator.encode(view);
  const encodeMs = performance.now() - began;
  return {
    index,
    truth: { category, box: { ...pose, size }, handleVisible },
    feature,
    score: estimator.scoreOf(feature),
    boxesOf: (x) => estimator.boxesOf(x, frame),
    vectorsOf: (boxes) => Float64Array.from(boxes.flatMap((box) => diffusionVector(box, frame, estimator.config))),
    encodeMs,
  };
}

// One network at a time and one feature per photo, whatever part asks.
const cache: { path?: string; estimator?: RgbEstimator; objects: Map<string, RgbObject> } = { objects: new Map() };

/** The first `count` photos of a split, all six categories in turn, as the network at `path` reads them. */
export async function rgbObjects(
  count: number,
  path: string,
  context: PartContext,
  split: "test" | "validation" = "test",
): Promise<RgbObject[]> {
  if (cache.path !== path) {
    cache.estimator?.dispose();
    cache.objects.clear();
    cache.estimator = loadRgbEstimator(path);
    cache.path = path;
  }
  const objects: RgbObject[] = [];
  for (let i = 0; i < count; i++) {
    const key = `${split} ${i}`;
    let object = cache.objects.get(key);
    if (object === undefined) {
      await pause(context);
      object = rgbObjectOf(cache.estimator as RgbEstimator, proceduralPhoto(split, i), i);
      cache.objects.set(key, object);
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
