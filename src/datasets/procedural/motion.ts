/**
 * @file How camera and object move in a sequence: smooth, seeded, metric.
 */
import type { Pose } from "../../geometry/pose";
import { rotationX, rotationY, rotationZ } from "../../geometry/rotation";
import { multiply, type Vector3 } from "../../geometry/vector";
import type { Rng } from "../../random";

const degrees = Math.PI / 180;

/** Where everything is at a time in seconds. World: origin at the object's centre at time 0, y up, metres. */
export interface Motion {
  /** World → camera. */
  camera: (seconds: number) => Pose;
  /** Object → world; the identity at time 0. */
  object: (seconds: number) => Pose;
}

/** The object never leaves its place on the table by more than this, metres. */
export const widestDrift = 0.12;

/** Three slow sines, from about −amplitude to amplitude, 0 at time 0. */
function wander(amplitude: number, rng: Rng): (seconds: number) => number {
  const waves = [0.6, 0.3, 0.15].map((share, i) => ({
    height: share * amplitude,
    turns: 2 * Math.PI * rng.uniform(0.08, 0.16) * (i + 1),
    phase: rng.uniform(0, 2 * Math.PI),
  }));
  const start = waves.reduce((sum, { height, phase }) => sum + height * Math.sin(phase), 0);
  return (t) => waves.reduce((sum, { height, turns, phase }) => sum + height * Math.sin(turns * t + phase), 0) - start;
}

/**
 * A hand-held camera goes around the object and looks beside it, while another hand lifts the object from the table,
 * carries it by up to 12 cm, turns and tilts it. Typical speeds at 30 frames a second: a degree and a few millimetres a frame.
 *
 * The views stay within those of `randomView`: from above by 8–80°, 0.35–1.5 m away.
 */
export function randomMotion(size: Vector3, rng: Rng): Motion {
  const largest = Math.max(...size);
  const elevation = rng.uniform(24, 58) * degrees;
  const azimuth = rng.uniform(0, 2 * Math.PI);
  const distance = Math.max(0.45, largest * 1.9) + rng.uniform(0, 0.35);
  const roll = rng.normal(0, 4 * degrees);
  const aside: [number, number] = [rng.uniform(-12, 12) * degrees, rng.uniform(-8, 8) * degrees];
  const [goAround, rise, approach] = [wander(35 * degrees, rng), wander(7 * degrees, rng), wander(0.14, rng)];
  const [sway, pan, tilt] = [wander(4 * degrees, rng), wander(5 * degrees, rng), wander(4 * degrees, rng)];
  const [driftX, driftZ] = [wander(0.035, rng), wander(0.035, rng)];
  const [spin, leanX, leanZ] = [wander(40 * degrees, rng), wander(9 * degrees, rng), wander(9 * degrees, rng)];
  const [height, liftTurns] = [rng.uniform(0.03, 0.09), 2 * Math.PI * rng.uniform(0.1, 0.2)];
  return {
    camera: (t) => {
      // As in `randomView`: above, looking down, rolled, then turned away from the object.
      const down = multiply(rotationX(elevation + rise(t)), rotationX(Math.PI));
      const turn = multiply(rotationY(aside[0] + pan(t)), rotationX(aside[1] + tilt(t)));
      const around = multiply(rotationZ(roll + sway(t)), multiply(down, rotationY(azimuth + goAround(t))));
      const away = distance * Math.exp(approach(t));
      return { rotation: multiply(turn, around), translation: [turn[2] * away, turn[5] * away, turn[8] * away] };
    },
    object: (t) => {
      const lifted = (1 - Math.cos(liftTurns * t)) / 2; // it leans only in the air
      const lean = multiply(rotationX(lifted * leanX(t)), rotationZ(lifted * leanZ(t)));
      return {
        rotation: multiply(lean, rotationY(spin(t))),
        translation: [driftX(t), (height + 0.1 * largest) * lifted, driftZ(t)],
      };
    },
  };
}
