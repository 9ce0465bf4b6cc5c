/**
 * @file Unseen objects with their features, encoded once for all parts of an experiment.
 */
import { objectCloud } from "../../datasets/objectCloud";
import { proceduralSample } from "../../datasets/procedural/proceduralSample";
import { type Pose, poseDimension } from "../../geometry/pose";
import { type Category, type RotationSymmetry, symmetryOf } from "../../geometry/symmetry";
import { accuracyAt, type PoseError, poseError } from "../../metrics/poseError";
import { Rng } from "../../random";
import { priorNoise } from "../../samplers/priorNoise";
import type { Score } from "../../sde/sde";
import { thresholds } from "../evaluation";
import { pause } from "../pause";
import { loadPoseEstimator, type PoseEstimator, poseOfRow } from "../poseEstimator";
import type { PartContext } from "./experiment";

/** Which frames: of another split than "test", or through masks of a detector with errors of this size. */
export interface Frames {
  split?: string;
  detectorError?: number;
}

/** An object of a split, and the learned score of its poses. */
export interface TestObject {
  index: number;
  category: Category;
  truth: Pose;
  symmetry: RotationSymmetry;
  /** N × 3 metres, camera frame. */
  cloud: Float32Array;
  centroid: Pose["translation"];
  feature: Float32Array;
  score: Score;
  /** From cloud to feature. */
  encodeMs: number;
}

// One network and one feature per object for the life of the process, whatever part asks.
const encoded = new Map<string, TestObject>();
let estimator: PoseEstimator | undefined;

function encodeObject(index: number, { split = "test", detectorError }: Frames): TestObject {
  estimator ??= loadPoseEstimator();
  const sample = proceduralSample(split, index, { maps: false, detectorError });
  const cloud = objectCloud(sample);
  const began = performance.now();
  const { feature, centroid } = estimator.encode(cloud);
  const encodeMs = performance.now() - began;
  const { category, handleVisible, pose: truth } = sample;
  const symmetry = symmetryOf(category, handleVisible);
  const score = estimator.scoreOf(feature);
  return { index, category, truth, symmetry, cloud, centroid, feature, score, encodeMs };
}

/** The first `count` objects of the test split or another one, all six categories in turn; those of `evaluate --split`. */
export async function testObjects(count: number, context: PartContext, frames: Frames = {}): Promise<TestObject[]> {
  const objects: TestObject[] = [];
  for (let i = 0; i < count; i++) {
    const key = `${frames.split} ${frames.detectorError} ${i}`;
    let object = encoded.get(key);
    if (object === undefined) {
      await pause(context);
      object = encodeObject(i, frames);
      encoded.set(key, object);
      context.progress(0, `encoding, ${i + 1} of ${count}`);
    }
    objects.push(object);
  }
  return objects;
}

/** Of these objects, the first `most` of every category that looks alike from all sides (hidden handles too). */
export function symmetricOf(objects: readonly TestObject[], most: number): TestObject[] {
  const seen = new Map<Category, number>();
  return objects.filter(({ symmetry, category }) => {
    if (symmetry !== "aboutY") return false;
    const before = seen.get(category) ?? 0;
    seen.set(category, before + 1);
    return before < most;
  });
}

/** The starting noise of an object, one row per noise seed: the same for every arm, and another for every object. */
export const startingNoise = ({ index }: TestObject, seeds: number): Float64Array =>
  priorNoise(new Rng(0).split("starting noise").split(index), seeds, poseDimension);

/** The poses of a sampler's state, in the camera frame. */
export const posesOf = (object: TestObject, x: ArrayLike<number>): Pose[] =>
  Array.from({ length: x.length / poseDimension }, (_, row) => poseOfRow(x, row, object.centroid));

/** The error of every row of a sampler's state. */
export const errorsOfState = (object: TestObject, x: ArrayLike<number>): PoseError[] =>
  posesOf(object, x).map((pose) => poseError(pose, object.truth, object.symmetry));

/** Percent of objects within 5°2cm, 5°5cm, 10°2cm and 10°5cm, one row per noise seed. */
export const accuracyBySeed = (errors: readonly (readonly PoseError[])[]): number[][] =>
  errors[0].map((_, seed) => {
    const own = errors.map((rows) => rows[seed]);
    return thresholds.map(([deg, cm]) => rounded(100 * accuracyAt(own, deg, cm)));
  });

/** To five digits: more says nothing, and results are read by people too. */
export const rounded = (value: number): number => Number(value.toPrecision(5));
