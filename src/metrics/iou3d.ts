/**
 * @file Three 3-D IoUs of oriented boxes: the right one, CATRE's axis-aligned one and the one NOCS publishes.
 *
 * All three turn the first box (the prediction) about its own y axis where the object is symmetric about it and keep
 * the best value.
 */
import { assertInput } from "../check";
import { boxIou, boxVolume, type OrientedBox } from "../geometry/box";
import { compose, invert } from "../geometry/pose";
import { rotationY } from "../geometry/rotation";
import { type Matrix3, multiply, norm, subtract } from "../geometry/vector";
import { volumeInsideTurned } from "../geometry/volumeInside";

/** IoU of a predicted box and a true one; `symmetric`: the object looks the same from all sides around y. */
export type Iou3d = (predicted: OrientedBox, truth: OrientedBox, symmetric: boolean) => number;

/** NOCS and its successors try 20 angles about y, 18° apart. */
const publishedTurns = Array.from({ length: 20 }, (_, k) => rotationY((2 * Math.PI * k) / 20));

/** [low, high, low, high, …] */
type Intervals = Float64Array;

/** Π (min(aₘₐₓ, bₘₐₓ) − max(aₘᵢₙ, bₘᵢₙ)) over the union of two boxes of intervals; 0 if one interval is disjoint. */
function intervalIou(a: Intervals, b: Intervals): number {
  let [volumeA, volumeB, intersection] = [1, 1, 1];
  for (let i = 0; i < a.length; i += 2) {
    const overlap = Math.min(a[i + 1], b[i + 1]) - Math.max(a[i], b[i]);
    if (overlap <= 0) return 0;
    volumeA *= a[i + 1] - a[i];
    volumeB *= b[i + 1] - b[i];
    intersection *= overlap;
  }
  return intersection / (volumeA + volumeB - intersection);
}

/** The IoU of the `count` intervals that `fill` makes of a box, the best of the published angles. */
function iouOfIntervals(
  count: number,
  fill: (intervals: Intervals, rotation: Matrix3, box: OrientedBox) => void,
): Iou3d {
  // An evaluation asks millions of times: the intervals are written over.
  const [ofPredicted, ofTruth] = [new Float64Array(2 * count), new Float64Array(2 * count)];
  return function iou(predicted, truth, symmetric) {
    fill(ofTruth, truth.rotation, truth);
    const iouOf = (rotation: Matrix3): number => {
      fill(ofPredicted, rotation, predicted);
      return intervalIou(ofPredicted, ofTruth);
    };
    if (!symmetric) return iouOf(predicted.rotation);
    let best = 0;
    for (const turn of publishedTurns) best = Math.max(best, iouOf(multiply(predicted.rotation, turn)));
    return best;
  };
}

/**
 * The IoU of the boxes that enclose the corners along the camera's axes (CATRE; HouseCat6D reports it too): a proper
 * IoU, but of two other boxes. 20 angles where symmetric.
 */
export const catreIou3d: Iou3d = iouOfIntervals(3, (intervals, r, { translation: t, size }) => {
  for (let i = 0; i < 3; i++) {
    // The corners reach Σⱼ |rᵢⱼ|·sizeⱼ/2 from the centre.
    const reach =
      (Math.abs(r[3 * i]) * size[0] + Math.abs(r[3 * i + 1]) * size[1] + Math.abs(r[3 * i + 2]) * size[2]) / 2;
    intervals[2 * i] = t[i] - reach;
    intervals[2 * i + 1] = t[i] + reach;
  }
});

/**
 * The "3D IoU" of NOCS_CVPR2019, object-deformnet, SGPA, GenPose and HouseCat6D's VI-Net. **It is not an IoU**: the
 * corners are a 3 × 8 array and min and max run over axis 0 instead of axis 1, over x, y, z of each corner, so that
 * the "volume" is a product of eight lengths. It depends on where the camera stands, but looks plausible; every
 * published IoU figure on REAL275 and CAMERA25 is this one. 20 angles where symmetric.
 */
export const publishedNocsIou3d: Iou3d = iouOfIntervals(8, (intervals, r, { translation: t, size }) => {
  // the corners of `boxCorners` in their order
  for (let corner = 0; corner < 8; corner++) {
    const a = ((corner & 4 ? -1 : 1) * size[0]) / 2;
    const b = ((corner & 2 ? -1 : 1) * size[1]) / 2;
    const c = ((corner & 1 ? -1 : 1) * size[2]) / 2;
    const x = r[0] * a + r[1] * b + r[2] * c + t[0];
    const y = r[3] * a + r[4] * b + r[5] * c + t[1];
    const z = r[6] * a + r[7] * b + r[8] * c + t[2];
    intervals[2 * corner] = Math.min(x, y, z);
    intervals[2 * corner + 1] = Math.max(x, y, z);
  }
});

/** Angles of the scan over half a turn; a box is the same after half a turn. */
const scanAngles = 20;
/** Golden-section steps inside the best cell of the scan: 9° · 0.618¹⁶ = 0.004°. */
const refinements = 16;

/**
 * The right IoU: of the oriented boxes themselves, exact (`boxIou`). Where symmetric, the largest over all turns of the
 * prediction about its y axis: a scan of half a turn by 9°, then a golden-section search around the best.
 * @throws InputError for a box that is not finite or has an extent that is not positive
 */
export function orientedIou3d(predicted: OrientedBox, truth: OrientedBox, symmetric: boolean = false): number {
  if (!symmetric || disjoint(predicted, truth)) return boxIou(predicted, truth);
  const step = Math.PI / scanAngles;
  let [bestAngle, best] = [0, boxIou(predicted, truth)]; // checks both boxes
  const sharedAt = volumeInsideTurned(compose(invert(predicted), truth), truth.size, predicted.size);
  const volumes = boxVolume(predicted) + boxVolume(truth);
  const iouAt = (angle: number): number => {
    const shared = sharedAt(angle);
    return Math.min(1, shared / (volumes - shared));
  };
  for (let k = 1; k < scanAngles; k++) {
    const iou = iouAt(k * step);
    if (iou > best) [bestAngle, best] = [k * step, iou];
  }
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [bestAngle - step, bestAngle + step];
  let [left, right] = [high - ratio * (high - low), low + ratio * (high - low)];
  let [atLeft, atRight] = [iouAt(left), iouAt(right)];
  for (let i = 0; i < refinements; i++) {
    best = Math.max(best, atLeft, atRight);
    if (atLeft > atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - ratio * (high - low);
      atLeft = iouAt(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + ratio * (high - low);
      atRight = iouAt(right);
    }
  }
  return Math.max(best, atLeft, atRight);
}

/** Whether the spheres around the boxes are apart: then no turn makes them meet. */
function disjoint(a: OrientedBox, b: OrientedBox): boolean {
  assertInput(
    boxVolume(a) > 0 && boxVolume(b) > 0,
    "orientedIou3d: a box has no volume; every extent must be positive",
  );
  return norm(subtract(a.translation, b.translation)) >= (norm(a.size) + norm(b.size)) / 2;
}
