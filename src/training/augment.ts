/**
 * @file Augmentation of point clouds as in GenPose (its utils/data_augmentation.py): plain
 * numbers, so that worker threads can use it. Nothing is changed in place.
 */
import { assertInput, assertShape } from "../check";
import { compose, type Pose } from "../geometry/pose";
import { rotationX, rotationY, rotationZ } from "../geometry/rotation";
import { type Category, symmetricAboutY } from "../geometry/symmetry";
import { add, apply, type Matrix3, multiply, type Vector3 } from "../geometry/vector";
import type { Rng } from "../random";

/** A partial cloud of an object and its truth. */
export interface PosedCloud {
  /** N × 3, camera frame, metres. */
  points: Float32Array;
  pose: Pose;
  /** Extents of the object's box, metres. */
  size: Vector3;
  category: Category;
  /** Of a mug; default true. */
  handleVisible?: boolean;
}

/** How likely and how strong each change is; probability 0 switches it off. */
export interface AugmentOptions {
  /** Stretching along the object's axes. */
  scaleProbability?: number;
  scaleRange?: readonly [number, number];
  /** Rigid motion in the camera frame. */
  rigidProbability?: number;
  /** Largest angle about each camera axis, radians. */
  rigidAngle?: number;
  /** Largest shift along each camera axis, metres. */
  rigidShift?: number;
  /** Tapering of bowls and mugs: factors of the width at top and bottom. */
  taperProbability?: number;
  taperRange?: readonly [number, number];
  /** Noise of each point, as a fraction of its offset from the object's origin. */
  noiseProbability?: number;
  noiseFraction?: number;
}

const defaults = {
  scaleProbability: 0.3,
  scaleRange: [0.8, 1.2],
  rigidProbability: 0.3,
  rigidAngle: (15 * Math.PI) / 180,
  rigidShift: 0.05,
  taperProbability: 0.3,
  taperRange: [0.8, 1.2],
  noiseProbability: 0.2,
  noiseFraction: 0.2,
} satisfies Required<AugmentOptions>;

/**
 * Draw and apply, in this order: stretching, rigid motion, taper (bowl, mug), noise. Each change has a stream of its own.
 *
 * A rigid motion keeps neighbourhoods, so precomputed sampling and ball-query indices stay valid if the other
 * probabilities are 0.
 *
 * @throws InputError if a range or probability makes no sense
 */
export function augmentCloud(cloud: PosedCloud, rng: Rng, options: AugmentOptions = {}): PosedCloud {
  const o = { ...defaults, ...options };
  for (const key of ["scaleProbability", "rigidProbability", "taperProbability", "noiseProbability"] as const)
    assertInput(o[key] >= 0 && o[key] <= 1, `augmentCloud: ${key} must be in [0, 1], got ${o[key]}`);
  for (const key of ["scaleRange", "taperRange"] as const)
    assertInput(
      o[key][0] > 0 && o[key][0] <= o[key][1],
      `augmentCloud: ${key} must be two rising positive factors, got ${o[key].join(", ")}`,
    );
  let result = cloud;
  const scaling = rng.split("scale");
  if (scaling.chance(o.scaleProbability))
    result = scaleCloud(
      result,
      vectorOf(() => scaling.uniform(...o.scaleRange)),
    );
  const motion = rng.split("rigid");
  if (motion.chance(o.rigidProbability)) {
    const angles = vectorOf(() => motion.uniform(-o.rigidAngle, o.rigidAngle));
    const shift = vectorOf(() => motion.uniform(-o.rigidShift, o.rigidShift));
    result = moveCloud(result, shift, rotationOfAngles(angles));
  }
  const taper = rng.split("taper");
  if ((cloud.category === "bowl" || cloud.category === "mug") && taper.chance(o.taperProbability))
    result = taperCloud(result, taper.uniform(...o.taperRange), taper.uniform(...o.taperRange));
  const noise = rng.split("noise");
  if (noise.chance(o.noiseProbability)) {
    const fractions = Float64Array.from(result.points, () => noise.uniform(0, o.noiseFraction));
    result = spreadCloud(result, fractions);
  }
  return result;
}

/**
 * Stretch the object along its own axes: x_object ∘ factors, size ∘ factors. Where only the y axis counts, x and z take
 * the mean of their factors, or the object would lose its symmetry.
 */
export function scaleCloud(cloud: PosedCloud, factors: Vector3): PosedCloud {
  const round = symmetricAboutY(cloud.category, cloud.handleVisible ?? true);
  const across = (factors[0] + factors[2]) / 2;
  const [fx, fy, fz] = round ? [across, factors[1], across] : factors;
  const [sx, sy, sz] = cloud.size;
  const points = inObjectFrame(cloud, (x, y, z) => [fx * x, fy * y, fz * z]);
  return { ...cloud, points, size: [fx * sx, fy * sy, fz * sz] };
}

/** R_z R_y R_x of three angles about the camera's axes, radians. */
export const rotationOfAngles = ([x, y, z]: Vector3): Matrix3 =>
  multiply(rotationZ(z), multiply(rotationY(y), rotationX(x)));

/** Shift, then rotate about the camera: x ← Q(x + shift), R ← QR, t ← Q(t + shift). */
export function moveCloud(cloud: PosedCloud, shift: Vector3, rotation: Matrix3): PosedCloud {
  const motion: Pose = { rotation, translation: apply(rotation, shift) };
  const points = mapPoints(cloud.points, (x) => add(apply(rotation, x), motion.translation));
  return { ...cloud, points, pose: compose(motion, cloud.pose) };
}

/** Factor of the width at height y of an object that reaches from −height/2 to height/2. */
export const taperFactor = (y: number, height: number, top: number, bottom: number): number =>
  (y / height + 0.5) * (top - bottom) + bottom;

/**
 * Taper: widths x and z times a factor that goes linearly from `bottom` to `top`.
 *
 * The size is that of an object that is widest where the factor is largest (upper bound for the others). GenPose takes
 * the extents of the tapered model, which it tapers with the metric height on normalised coordinates; parity keeps that.
 */
export function taperCloud(cloud: PosedCloud, top: number, bottom: number): PosedCloud {
  const [sx, height, sz] = cloud.size;
  const points = inObjectFrame(cloud, (x, y, z) => {
    const factor = taperFactor(y, height, top, bottom);
    return [factor * x, y, factor * z];
  });
  // A bowl is widest at its rim.
  const widest = cloud.category === "bowl" ? top : Math.max(top, bottom);
  return { ...cloud, points, size: [widest * sx, height, widest * sz] };
}

/** x ← x + fraction ∘ (x − t): noise that grows with the distance from the object's origin. `fractions` is N × 3. */
export function spreadCloud(cloud: PosedCloud, fractions: ArrayLike<number>): PosedCloud {
  assertShape("spreadCloud", fractions, [cloud.points.length / 3, 3]);
  const { translation } = cloud.pose;
  const points = cloud.points.map((x, i) => x + fractions[i] * (x - translation[i % 3]));
  return { ...cloud, points };
}

const vectorOf = (draw: () => number): Vector3 => [draw(), draw(), draw()];

function mapPoints(points: Float32Array, change: (x: Vector3) => Vector3): Float32Array {
  const changed = new Float32Array(points.length);
  for (let i = 0; i < points.length; i += 3) changed.set(change([points[i], points[i + 1], points[i + 2]]), i);
  return changed;
}

/** Apply `change` to the points as the object sees them: Rᵀ(x − t). */
function inObjectFrame(cloud: PosedCloud, change: (x: number, y: number, z: number) => Vector3): Float32Array {
  const { rotation: r, translation: t } = cloud.pose;
  return mapPoints(cloud.points, (p) => {
    const [x, y, z] = [p[0] - t[0], p[1] - t[1], p[2] - t[2]];
    const moved = change(
      r[0] * x + r[3] * y + r[6] * z,
      r[1] * x + r[4] * y + r[7] * z,
      r[2] * x + r[5] * y + r[8] * z,
    );
    return add(apply(r, moved), t);
  });
}
