/**
 * @file Training batches of paper A from the embedded data: a pool of rendered clouds, augmented anew at every visit.
 */
import { assertInput } from "../check";
import type { ColorImage } from "../datasets/imageCrop";
import { proceduralSample } from "../datasets/procedural/proceduralSample";
import type { ViewRange } from "../datasets/procedural/view";
import { type Grouping, group } from "../geometry/grouping";
import { backProjectMask, centroid, samplePoints } from "../geometry/pointcloud";
import { type Pose, poseVector } from "../geometry/pose";
import { type Category, categories, halfTurn, type RotationSymmetry, symmetryOf } from "../geometry/symmetry";
import { multiply, subtract, type Vector3 } from "../geometry/vector";
import type { PointNet2Config } from "../models/pointNet2";
import { Rng } from "../random";
import { VESDE } from "../sde/vesde";
import { type AugmentOptions, augmentCloud } from "../training/augment";
import { type DenoisingDraws, focusedTime, perturb } from "../training/denoisingDraws";
import { addImage, emptyImageBatch, type ImageBatch, type ImageBatchOptions } from "./imageBatch";
import { noisyAxes } from "./noisyAxes";

/** What one training step reads. */
export interface PoseBatch {
  grouping: Grouping;
  /** B × 9: two columns of R, and t less the centroid of the cloud (metres). */
  poses: Float32Array;
  /** B: 1 where only the y axis counts, 2 where half a turn about y changes nothing, 0 elsewhere. */
  symmetric: Uint8Array;
  /** R draws of time and noise per pose. The grouping holds P clouds of each pose, one after the other. */
  draws: DenoisingDraws;
  /** B × 3: extents of the objects' boxes, metres. */
  sizes: Float32Array;
  /** B: index of the category among `categories` (255: none of them). */
  labels: Uint8Array;
  /** B × N × 3: the (first) clouds, less the centroid, metres. */
  clouds: Float32Array;
  /** B × A × 9, if asked for: rotations as far off the truth as an estimate might be. */
  axes?: Float32Array;
  /** If asked for: pictures of the objects and where in them the points lie. */
  image?: ImageBatch;
}

/** How batches are made; plain data, so that it can be sent to a worker thread. */
export interface PoseBatchOptions {
  encoder: PointNet2Config;
  batchSize: number;
  /** R, draws of time and noise per encoder pass (GenPose: 20). */
  draws: number;
  /** P, draws of points per pose, whose features are averaged, as an estimate does (`EncodeOptions.draws`); default: 1. */
  pointDraws?: number;
  /** Rendered views kept; each is visited again with another augmentation once all were seen. */
  poolSize: number;
  seed: number;
  timeFocus: number;
  /** A, noisy rotations per object, from which a ScaleNet learns sizes. */
  axesDraws?: number;
  /** Make pictures too (rendering takes four times as long). */
  image?: ImageBatchOptions;
  /** Category of view i: mixture[i mod length]; default: `defaultMixture`. */
  mixture?: readonly Category[];
  /** From where objects are seen; default: `wide`. */
  views?: ViewRange;
  /** What differs from the usual augmentation. */
  augmentation?: AugmentOptions;
}

/**
 * GenPose's augmentation with two changes: the camera is turned more often, since a view is visited again and again,
 * and points are not scattered, since the rendered depth has a sensor's noise.
 */
const usualAugmentation: AugmentOptions = { rigidProbability: 0.8, rigidShift: 0, noiseProbability: 0 };

/** A rendered view, reduced to what training needs. */
interface View {
  points: Float32Array;
  pose: Pose;
  size: Vector3;
  category: Category;
  handleVisible: boolean;
  image?: ColorImage;
}

/** Points kept of a view: twice what the encoder reads, so that each visit reads others. */
const keptPoints = (encoder: PointNet2Config, pointDraws: number): number => Math.max(2, pointDraws) * encoder.points;

/**
 * Categories in the order of the pool: those whose azimuth can be told come twice, since they carry three unknown
 * angles where the others carry two, and learn more slowly.
 */
export const defaultMixture: readonly Category[] = [
  "bottle",
  "camera",
  "laptop",
  "mug",
  "bowl",
  "camera",
  "laptop",
  "mug",
  "can",
];

/** Points of views held in memory (800 MB); what a pool has beyond is rendered at every visit. */
const pointsHeld = 2 ** 26;

const symmetryCodes: Record<RotationSymmetry, number> = { none: 0, aboutY: 1, halfTurnAboutY: 2 };

function renderView(index: number, options: PoseBatchOptions): View {
  const { encoder, pointDraws = 1, seed, mixture = defaultMixture, views, image } = options;
  const category = mixture[index % mixture.length];
  const sample = image
    ? proceduralSample("train", index, { seed, category, views, materials: image.materials })
    : proceduralSample("train", index, { maps: false, seed, category, views });
  const cloud = backProjectMask(sample.depth, sample.mask, sample.camera);
  const kept = keptPoints(encoder, pointDraws);
  const points = cloud.length / 3 > kept ? samplePoints(cloud, kept, new Rng(seed).split("kept").split(index)) : cloud;
  return {
    points,
    pose: sample.pose,
    size: sample.size,
    category: sample.category,
    handleVisible: sample.handleVisible ?? true,
    ...(sample.rgb ? { image: { rgb: sample.rgb, camera: sample.camera } } : {}),
  };
}

/**
 * The batch of any step: `poseBatches(options)(step)`. It depends on options and step alone, so a resumed run sees
 * what an unbroken one would have seen.
 *
 * @throws InputError if the mixture is empty, or if there are pictures and several draws of points
 */
export function poseBatches(options: PoseBatchOptions): (step: number) => PoseBatch {
  const { encoder, batchSize, draws, poolSize, seed, timeFocus, axesDraws = 0, image: imageOptions } = options;
  const { pointDraws = 1 } = options;
  const augmentation = { ...usualAugmentation, ...options.augmentation };
  assertInput(
    pointDraws === 1 || !imageOptions,
    "poseBatches: pictures go with one draw of points a cloud; leave pointDraws away",
  );
  assertInput(options.mixture?.length !== 0, "poseBatches: the mixture is empty; name at least one category");
  const rng = new Rng(seed).split("batches");
  const sde = new VESDE();
  const kept = keptPoints(encoder, pointDraws);
  const pool = new Map<number, View>();
  let order: { epoch: number; of: Int32Array } = { epoch: -1, of: new Int32Array() };
  const viewAt = (visit: number): View => {
    const epoch = Math.floor(visit / poolSize);
    if (epoch !== order.epoch) order = { epoch, of: rng.split("order").split(epoch).permutation(poolSize) };
    const index = order.of[visit % poolSize]!;
    let view = pool.get(index);
    if (!view) {
      view = renderView(index, options);
      if ((pool.size + 1) * kept <= pointsHeld) pool.set(index, view);
    }
    return view;
  };
  return (step) => {
    const clouds = new Float32Array(batchSize * pointDraws * encoder.points * 3);
    const poses = new Float32Array(batchSize * 9);
    const symmetric = new Uint8Array(batchSize);
    const sizes = new Float32Array(batchSize * 3);
    const labels = new Uint8Array(batchSize);
    const centredClouds = new Float32Array(batchSize * encoder.points * 3);
    const axes = new Float32Array(batchSize * axesDraws * 9);
    const image = imageOptions && emptyImageBatch(batchSize, encoder.points, imageOptions);
    const size3 = encoder.points * 3;
    for (let b = 0; b < batchSize; b++) {
      const visit = step * batchSize + b;
      const view = viewAt(visit);
      const own = rng.split("visit").split(visit);
      const seen = samplePoints(view.points, encoder.points, own, pointDraws);
      const { points, pose, size } = augmentCloud({ ...view, points: seen }, own.split("augment"), augmentation);
      const centre = centroid(points);
      clouds.set(points, b * pointDraws * size3);
      for (let k = 0; k < size3; k++) centredClouds[b * size3 + k] = points[k] - centre[k % 3];
      if (image && view.image)
        addImage(image, b, imageOptions, view.image, seen, { from: view.pose, to: pose }, own.split("image"));
      const centred = { rotation: pose.rotation, translation: subtract(pose.translation, centre) };
      const symmetry = symmetryOf(view.category, view.handleVisible);
      // Of two equally true poses either is shown: the diffusion head must learn both.
      if (symmetry === "halfTurnAboutY" && own.split("symmetry").chance(0.5))
        centred.rotation = multiply(centred.rotation, halfTurn);
      poses.set(poseVector(centred), 9 * b);
      symmetric[b] = symmetryCodes[symmetry];
      sizes.set(size, 3 * b);
      labels[b] = (categories as readonly Category[]).indexOf(view.category);
      if (axesDraws > 0) axes.set(noisyAxes(centred.rotation, axesDraws, own.split("axes")), 9 * axesDraws * b);
    }
    const chance = rng.split("noise").split(step);
    const rows = batchSize * draws;
    const t = Float32Array.from({ length: rows }, () => focusedTime(chance, timeFocus));
    const noise = Float32Array.from({ length: rows * 9 }, () => chance.normal());
    return {
      grouping: group(encoder, clouds, batchSize * pointDraws),
      poses,
      symmetric,
      draws: perturb(poses, t, noise, (time) => sde.sigma(time), draws),
      sizes,
      labels,
      clouds: centredClouds,
      ...(axesDraws > 0 ? { axes } : {}),
      ...(image ? { image } : {}),
    };
  };
}
