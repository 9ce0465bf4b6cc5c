/**
 * @file Rotations near the truth, from which a ScaleNet learns: at inference it gets an estimate.
 */
import { exp } from "../geometry/so3";
import { type Matrix3, multiply, type Vector3 } from "../geometry/vector";
import type { Rng } from "../random";

/** Standard deviation about each axis of the camera, radians: about 10° in all (GenPose++: r = 10). */
const deviation = (10 * Math.PI) / 180 / Math.sqrt(3);

/** count × 9 rotations exp(ω)·R with ω ~ N(0, deviation²). */
export function noisyAxes(rotation: Matrix3, count: number, rng: Rng): Float32Array {
  const axes = new Float32Array(count * 9);
  for (let i = 0; i < count; i++) {
    const omega: Vector3 = [rng.normal(0, deviation), rng.normal(0, deviation), rng.normal(0, deviation)];
    axes.set(multiply(exp(omega), rotation), 9 * i);
  }
  return axes;
}
