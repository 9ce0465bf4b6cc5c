/**
 * @file What a camera sees of an object in its surroundings, before and after mask and sensor.
 */
import type { Camera } from "../../geometry/camera";
import type { Pose } from "../../geometry/pose";
import { type Body, type Raster, rasterize } from "../../geometry/rasterize";
import type { Rng } from "../../random";
import { segment } from "./segmentation";
import { measureDepth, type Sensor } from "./sensor";
import type { Shape } from "./shape";

/** The true view: two renderings, and what of the object the surroundings leave to be seen. */
export interface Observation {
  object: Raster;
  scene: Raster;
  /** 1 where the object is the nearest thing. */
  visible: Uint8Array;
  /** Pixels of the object if nothing were before it. */
  silhouette: number;
  /** Pixels in which it is seen. */
  seen: number;
  /** The mug's handle is seen; true for the other categories. */
  handleVisible: boolean;
}

/** At least this many pixels, and 1 % of the visible ones, must show the handle for it to count as visible. */
const leastHandlePixels = 8;

/** Render the object and the others. */
export function observe(shape: Shape, pose: Pose, camera: Camera, others: readonly Body[]): Observation {
  const object = rasterize([{ mesh: shape.mesh, pose }], camera);
  const scene = rasterize(others, camera);
  const visible = new Uint8Array(object.depth.length);
  let [silhouette, seen, handle] = [0, 0, 0];
  for (let i = 0; i < visible.length; i++) {
    const [z, other] = [object.depth[i]!, scene.depth[i]!];
    if (z > 0) silhouette++;
    if (!(z > 0 && (other === 0 || z < other))) continue;
    visible[i] = 1;
    seen++;
    if (shape.mesh.parts?.[object.triangle[i]!] === 1) handle++;
  }
  const handleVisible = shape.category !== "mug" || handle >= Math.max(leastHandlePixels, 0.01 * seen);
  return { object, scene, visible, silhouette, seen, handleVisible };
}

/** A segmentation's mask and a sensor's depth of the view. */
export interface Measurement {
  mask: Uint8Array;
  depth: Float32Array;
  /** Masked pixels with a depth. */
  points: number;
}

/** How to measure: what masks the object, with what randomness, and where depth is wanted. */
export interface Measuring {
  sensor: Sensor;
  /** From the visible pixels to a mask; default: `segment`. */
  segmentation?: typeof segment;
  maskRng: Rng;
  noiseRng: Rng;
  /** Measure all pixels; otherwise only the masked ones, which are all that a cloud needs. */
  everywhere: boolean;
}

/** Segment and measure. */
export function measure(
  { object, scene, visible }: Observation,
  camera: Camera,
  { sensor, segmentation = segment, maskRng, noiseRng, everywhere }: Measuring,
): Measurement {
  const mask = segmentation(visible, camera.width, camera.height, maskRng);
  const truth = new Float32Array(visible.length);
  const measured: number[] = [];
  for (let i = 0; i < truth.length; i++) {
    truth[i] = visible[i] === 1 ? object.depth[i]! : scene.depth[i]!;
    if (everywhere || mask[i] === 1) measured.push(i);
  }
  const depth = measureDepth(truth, camera, measured, sensor, noiseRng);
  let points = 0;
  for (let i = 0; i < depth.length; i++) if (mask[i] === 1 && depth[i]! > 0) points++;
  return { mask, depth, points };
}
