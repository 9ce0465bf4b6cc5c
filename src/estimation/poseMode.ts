/**
 * @file From K hypotheses to the mode of their distribution (paper B, section 3.4).
 */
import { assertInput } from "../check";
import type { OrientedBox } from "../geometry/box";
import type { Pose } from "../geometry/pose";
import { rotation6dOf, rotationFrom6d } from "../geometry/rotation";
import type { Matrix3, Vector3 } from "../geometry/vector";
import type { ModeSearch } from "./meanShift";
import { meanShiftPlusPlus } from "./meanShiftPlusPlus";
import type { Modes } from "./modes";

/** Options of `poseMode` and `boxMode`. */
export interface PoseModeOptions {
  /** Among the six numbers of two columns; two unit vectors 10° apart are 0.17 from each other. */
  rotationBandwidth?: number;
  /** Metres. */
  translationBandwidth?: number;
  /** Metres. */
  sizeBandwidth?: number;
  /** Mean Shift++, or another search such as `meanShift`. */
  search?: ModeSearch;
}

/**
 * The paper prints no bandwidths; these were best on 150 photos of the validation split after the network's first 12,000
 * steps, and are within a photo or two of the best after 24,000 (`posediff experiment rgbBandwidths`).
 */
const defaults = {
  rotationBandwidth: 0.3,
  translationBandwidth: 0.05,
  sizeBandwidth: 0.01,
  search: meanShiftPlusPlus,
} satisfies PoseModeOptions;

/** Modes of each part on its own. */
export interface PoseModes {
  /** In six dimensions: two columns of the rotation. */
  rotation: Modes;
  translation: Modes;
}

/** Modes of pose and size. */
export interface BoxModes extends PoseModes {
  size: Modes;
}

/** The modes of rotations (in the space of their first two columns) and translations, apart. @throws InputError for none */
export function poseModes(poses: readonly Pose[], options: PoseModeOptions = {}): PoseModes {
  assertInput(poses.length > 0, "poseModes: got no hypothesis; give at least one");
  const { rotationBandwidth, translationBandwidth, search } = { ...defaults, ...options };
  const columns = poses.flatMap(({ rotation }) => rotation6dOf(rotation));
  return {
    rotation: search(columns, 6, rotationBandwidth),
    translation: search(
      poses.flatMap(({ translation }) => [...translation]),
      3,
      translationBandwidth,
    ),
  };
}

/** The modes of rotations, translations and sizes, apart. @throws InputError for no hypothesis */
export function boxModes(boxes: readonly OrientedBox[], options: PoseModeOptions = {}): BoxModes {
  const { sizeBandwidth, search } = { ...defaults, ...options };
  return {
    ...poseModes(boxes, options),
    size: search(
      boxes.flatMap(({ size }) => [...size]),
      3,
      sizeBandwidth,
    ),
  };
}

/**
 * The rotation of a mode: its two mean columns, made orthonormal by Gram–Schmidt. Should they have averaged to nothing
 * (columns all around, as in a mode that holds every rotation about an axis), a member of the mode stands in.
 */
function rotationOfMode({ centers, labels }: Modes, poses: readonly Pose[]): Matrix3 {
  const [a, b, c, d, e, f] = centers;
  const sine = Math.hypot(b * f - c * e, c * d - a * f, a * e - b * d);
  if (sine > 1e-6) return rotationFrom6d([a, b, c, d, e, f]);
  return poses[labels.indexOf(0)].rotation;
}

const first = ({ centers }: Modes): Vector3 => [centers[0], centers[1], centers[2]];

/**
 * The mode of the hypotheses: rotation and translation each go to the mode with most members (Mean Shift++), and are put
 * together. Unlike a mean it does not lie between two modes; unlike ranking it asks no second network.
 *
 * @throws InputError for no hypothesis, or one that is not finite
 */
export function poseMode(poses: readonly Pose[], options: PoseModeOptions = {}): Pose {
  const { rotation, translation } = poseModes(poses, options);
  return { rotation: rotationOfMode(rotation, poses), translation: first(translation) };
}

/** `poseMode` with the size's mode. @throws InputError for no hypothesis, or one that is not finite */
export function boxMode(boxes: readonly OrientedBox[], options: PoseModeOptions = {}): OrientedBox {
  const { rotation, translation, size } = boxModes(boxes, options);
  return { rotation: rotationOfMode(rotation, boxes), translation: first(translation), size: first(size) };
}
