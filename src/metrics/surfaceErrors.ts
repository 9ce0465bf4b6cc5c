/**
 * @file How far the surface of an object lies from where it is: MSSD, MSPD, ADD, ADI and the projection error (BOP).
 *
 * Lengths come out in the unit of points and translations, whatever it is (metres in this library).
 */
import { assertFinite, assertInput } from "../check";
import type { Camera } from "../geometry/camera";
import { compose, type Pose } from "../geometry/pose";

type Intrinsics = Pick<Camera, "fx" | "fy" | "cx" | "cy">;

function checkInputs(where: string, points: ArrayLike<number>, ...poses: readonly Pose[]): void {
  assertInput(
    points.length > 0 && points.length % 3 === 0,
    `${where}: got ${points.length} numbers of points; give three for each vertex of the model`,
  );
  for (const { rotation, translation } of poses) assertFinite(where, [...rotation, ...translation]);
}

/** Squared distance of point i to itself under two poses. */
type SquaredDistance = (i: number) => number;

/** ‖(R₁ − R₂)·x + t₁ − t₂‖². */
function inSpace(points: ArrayLike<number>, a: Pose, b: Pose): SquaredDistance {
  const m = a.rotation.map((value, k) => value - b.rotation[k]);
  const [tx, ty, tz] = a.translation.map((value, k) => value - b.translation[k]);
  return (i) => {
    const [x, y, z] = [points[3 * i], points[3 * i + 1], points[3 * i + 2]];
    const dx = m[0] * x + m[1] * y + m[2] * z + tx;
    const dy = m[3] * x + m[4] * y + m[5] * z + ty;
    const dz = m[6] * x + m[7] * y + m[8] * z + tz;
    return dx * dx + dy * dy + dz * dz;
  };
}

/** The same between the pixels; infinite for a point that is not in front of the camera under both poses. */
function inPixels(points: ArrayLike<number>, camera: Intrinsics, a: Pose, b: Pose): SquaredDistance {
  const [r, s, t, u] = [a.rotation, b.rotation, a.translation, b.translation];
  return (i) => {
    const [x, y, z] = [points[3 * i], points[3 * i + 1], points[3 * i + 2]];
    const za = r[6] * x + r[7] * y + r[8] * z + t[2];
    const zb = s[6] * x + s[7] * y + s[8] * z + u[2];
    if (!(za > 0 && zb > 0)) return Number.POSITIVE_INFINITY;
    const du = (r[0] * x + r[1] * y + r[2] * z + t[0]) / za - (s[0] * x + s[1] * y + s[2] * z + u[0]) / zb;
    const dv = (r[3] * x + r[4] * y + r[5] * z + t[1]) / za - (s[3] * x + s[4] * y + s[5] * z + u[1]) / zb;
    return (camera.fx * du) ** 2 + (camera.fy * dv) ** 2;
  };
}

/**
 * min over the motions of max over the points. A motion is given up at the first point that is as far as the best motion's
 * farthest, and begins with the point that ended the one before: with 315 turns most take a single point.
 */
function leastMaximum(count: number, distances: Iterable<SquaredDistance>): number {
  let least = Number.POSITIVE_INFINITY;
  let likely = 0;
  for (const squared of distances) {
    let most = squared(likely);
    for (let i = 0; i < count && most < least; i++) {
      const value = squared(i);
      if (value > most) [most, likely] = [value, i];
    }
    least = Math.min(least, most);
  }
  return Math.sqrt(least);
}

function* under(
  truth: Pose,
  motions: readonly Pose[],
  distance: (symmetric: Pose) => SquaredDistance,
): Generator<SquaredDistance> {
  for (const motion of motions) yield distance(compose(truth, motion));
}

/**
 * Maximum symmetry-aware surface distance: min over the motions S of max over the points x of ‖P̂·x − P·S·x‖ (BOP'19).
 *
 * @param points V × 3, the model's vertices in its own frame
 * @param motions what leaves the model as it is, the identity among them (`symmetryMotions`)
 * @throws InputError for no point, no motion or a pose that is not finite
 */
export function mssd(predicted: Pose, truth: Pose, points: ArrayLike<number>, motions: readonly Pose[]): number {
  checkInputs("mssd", points, predicted, truth);
  assertInput(motions.length > 0, "mssd: got no motion; give at least the identity");
  return leastMaximum(
    points.length / 3,
    under(truth, motions, (symmetric) => inSpace(points, predicted, symmetric)),
  );
}

/**
 * Maximum symmetry-aware projection distance: the same between the points' pixels (BOP'19). Infinite where a point is not
 * in front of the camera; the published code projects such points through the camera's centre.
 *
 * @throws InputError as `mssd`
 */
export function mspd(
  predicted: Pose,
  truth: Pose,
  camera: Intrinsics,
  points: ArrayLike<number>,
  motions: readonly Pose[],
): number {
  checkInputs("mspd", points, predicted, truth);
  assertInput(motions.length > 0, "mspd: got no motion; give at least the identity");
  return leastMaximum(
    points.length / 3,
    under(truth, motions, (symmetric) => inPixels(points, camera, predicted, symmetric)),
  );
}

function meanDistance(count: number, squared: SquaredDistance): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += Math.sqrt(squared(i));
  return sum / count;
}

/** ADD: mean over the points of ‖P̂·x − P·x‖ (Hinterstoisser et al., ACCV 2012). @throws InputError as `mssd` */
export function averageDistance(predicted: Pose, truth: Pose, points: ArrayLike<number>): number {
  checkInputs("averageDistance", points, predicted, truth);
  return meanDistance(points.length / 3, inSpace(points, predicted, truth));
}

/** The mean distance of the points' pixels (Brachmann et al., CVPR 2016). @throws InputError as `mssd` */
export function projectionError(predicted: Pose, truth: Pose, camera: Intrinsics, points: ArrayLike<number>): number {
  checkInputs("projectionError", points, predicted, truth);
  return meanDistance(points.length / 3, inPixels(points, camera, predicted, truth));
}

/**
 * ADI (ADD-S): mean over the points x of the distance from P·x to the nearest point of P̂'s model, for objects whose views
 * cannot be told apart. All pairs are looked at: V² steps.
 *
 * @throws InputError as `mssd`
 */
export function averageNearestDistance(predicted: Pose, truth: Pose, points: ArrayLike<number>): number {
  checkInputs("averageNearestDistance", points, predicted, truth);
  const count = points.length / 3;
  const placed = ({ rotation: r, translation: t }: Pose): Float64Array =>
    Float64Array.from(points, (_, k) => {
      const [i, row] = [3 * Math.floor(k / 3), k % 3];
      return r[3 * row] * points[i] + r[3 * row + 1] * points[i + 1] + r[3 * row + 2] * points[i + 2] + t[row];
    });
  const [found, there] = [placed(predicted), placed(truth)];
  return meanDistance(count, (i) => {
    const [x, y, z] = [there[3 * i], there[3 * i + 1], there[3 * i + 2]];
    let least = Number.POSITIVE_INFINITY;
    for (let j = 0; j < found.length; j += 3)
      least = Math.min(least, (found[j] - x) ** 2 + (found[j + 1] - y) ** 2 + (found[j + 2] - z) ** 2);
    return least;
  });
}
