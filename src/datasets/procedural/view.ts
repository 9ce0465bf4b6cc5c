/**
 * @file Where the camera stands: a random pose of an upright object in front of a hand-held depth camera.
 */
import { type Camera, camera25Camera, real275Camera } from "../../geometry/camera";
import type { Pose } from "../../geometry/pose";
import { rotationX, rotationY, rotationZ } from "../../geometry/rotation";
import { multiply, type Vector3 } from "../../geometry/vector";
import type { Rng } from "../../random";

const degrees = Math.PI / 180;

/** A pose on a table and the camera that sees it. */
export interface View {
  camera: Camera;
  pose: Pose;
}

/**
 * From where objects are seen. `wide`: the camera looks down by 8–80° and, in one scene of five, the object leans by up
 * to 25°. `tabletop`: it looks down by 15–55° and all stand upright, as in CAMERA25 (26 objects of ten of its validation
 * frames: 15–54°, mean 32°).
 */
export type ViewRange = "wide" | "tabletop";

const ranges: Record<ViewRange, { elevationDeg: readonly [number, number]; leaning: number }> = {
  wide: { elevationDeg: [8, 80], leaning: 0.2 },
  tabletop: { elevationDeg: [15, 55], leaning: 0 },
};

/**
 * The camera looks down at the object, from all sides, rolled by N(0, 8°), from 0.35–1.5 m; the object stands off the
 * optical axis by up to ±24° × ±18°. Turning the camera turns the seen rotation with it, so R and t are those of a real
 * camera, not of a picture cut out of its centre.
 */
export function randomView(size: Vector3, rng: Rng, range: ViewRange = "wide"): View {
  const { elevationDeg, leaning } = ranges[range];
  const base = rng.chance(0.7) ? real275Camera : camera25Camera;
  const focal = rng.uniform(0.92, 1.08);
  const camera = { ...base, fx: base.fx * focal, fy: base.fy * focal };
  const elevation = rng.uniform(...elevationDeg) * degrees;
  const azimuth = rng.uniform(0, 2 * Math.PI);
  // Camera above, looking down: the object's up axis is (0, −cos e, −sin e) in the camera frame (y down, z forward).
  let rotation = multiply(multiply(rotationX(elevation), rotationX(Math.PI)), rotationY(azimuth));
  if (rng.chance(leaning)) {
    const lean = multiply(rotationX(rng.uniform(-25, 25) * degrees), rotationZ(rng.uniform(-25, 25) * degrees));
    rotation = multiply(lean, rotation);
  }
  rotation = multiply(rotationZ(rng.normal(0, 8 * degrees)), rotation);
  const largest = Math.max(...size);
  const distance = Math.max(0.35, largest * 1.6) + rng.uniform(0, 1) ** 1.5 * 0.9;
  const turn = multiply(rotationY(rng.uniform(-24, 24) * degrees), rotationX(rng.uniform(-18, 18) * degrees));
  rotation = multiply(turn, rotation);
  return { camera, pose: { rotation, translation: [turn[2] * distance, turn[5] * distance, turn[8] * distance] } };
}
