/**
 * @file The embedded data, endless: sample i of a split is a scene rendered from the stream (split, i).
 */
import { assertInput } from "../../check";
import { type Camera, cropCamera } from "../../geometry/camera";
import type { Mesh } from "../../geometry/mesh";
import type { Pose } from "../../geometry/pose";
import { type Raster, rasterize } from "../../geometry/rasterize";
import { type Category, categories } from "../../geometry/symmetry";
import { Rng } from "../../random";
import type { PosedSample, RenderedSample } from "../sample";
import { appearance } from "./appearance";
import { surroundings } from "./scene";
import { segment } from "./segmentation";
import { measureDepth, randomSensor } from "./sensor";
import { proceduralShape, type Shape } from "./shape";
import { randomView } from "./view";

/** Version of the embedded data; a card names the version its checkpoint was trained on. */
export const proceduralDataVersion = 1;

const defaults = { resolution: 96, maps: true, seed: 0 } satisfies ProceduralOptions;

export interface ProceduralOptions {
  /** Largest side of the crop in pixels; smaller objects keep the pixels of the 640 × 480 camera. */
  resolution?: number;
  /** Also colour, normals and NOCS map (four times the time). */
  maps?: boolean;
  /** Only this category; without it, category i mod 6. */
  category?: Category;
  /** Seed of the split's stream. */
  seed?: number;
  /** The very shape, instead of a random one. */
  shape?: Shape;
}

/** The square window around the projected object with a margin, as a camera. */
function window(camera: Camera, mesh: Mesh, pose: Pose, resolution: number, rng: Rng): Camera {
  const { rotation: r, translation: t } = pose;
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  const { vertices } = mesh;
  for (let i = 0; i < vertices.length; i += 3) {
    const [x, y, z] = [vertices[i]!, vertices[i + 1]!, vertices[i + 2]!];
    const depth = r[6] * x + r[7] * y + r[8] * z + t[2];
    const u = (camera.fx * (r[0] * x + r[1] * y + r[2] * z + t[0])) / depth + camera.cx;
    const v = (camera.fy * (r[3] * x + r[4] * y + r[5] * z + t[1])) / depth + camera.cy;
    left = Math.min(left, u);
    right = Math.max(right, u);
    top = Math.min(top, v);
    bottom = Math.max(bottom, v);
  }
  const side = Math.max(right - left, bottom - top) * rng.uniform(1.12, 1.3);
  const zoom = Math.min(1, resolution / side);
  const size = Math.max(8, Math.round(side * zoom));
  return cropCamera(camera, {
    left: (left + right - side) / 2,
    top: (top + bottom - side) / 2,
    width: size,
    height: size,
    zoom,
  });
}

/** Pixels in which the object is the nearest thing. */
function visibleMask(object: Raster, scene: Raster): Uint8Array {
  const visible = new Uint8Array(object.depth.length);
  for (let i = 0; i < visible.length; i++) {
    const [z, other] = [object.depth[i]!, scene.depth[i]!];
    if (z > 0 && (other === 0 || z < other)) visible[i] = 1;
  }
  return visible;
}

/** Fewer visible pixels, or a smaller share of the silhouette, make a scene that is thrown away. */
const leastPixels = 80;
const leastShare = 0.4;

/** At least this many pixels, and 1 % of the visible ones, must show the handle for it to count as visible. */
const leastHandlePixels = 8;

/**
 * Sample `index` of a split ("train", "validation", "test", any name): an instance that no other index shows, on a
 * table with neighbours, seen by a noisy depth camera. The same on every machine.
 *
 * Rotation and translation map the NOCS frame of the object (y up, origin at the centre of its box) into the OpenCV
 * camera frame; `size` are the box's extents in metres.
 *
 * @throws InputError if the index is not a whole number ≥ 0 or the resolution is below 24 pixels
 */
export function proceduralSample(
  split: string,
  index: number,
  options: ProceduralOptions & { maps: false },
): PosedSample;
export function proceduralSample(split: string, index: number, options?: ProceduralOptions): RenderedSample;
export function proceduralSample(split: string, index: number, options: ProceduralOptions = {}): PosedSample {
  const { resolution, maps, seed, category: wanted, shape: given } = { ...defaults, ...options };
  assertInput(
    Number.isInteger(index) && index >= 0,
    `proceduralSample: the index is ${index}; it must be a whole number from 0`,
  );
  assertInput(resolution >= 24, `proceduralSample: the resolution is ${resolution}; give at least 24 pixels`);
  const category = given?.category ?? wanted ?? categories[index % categories.length]!;
  const stream = new Rng(seed).split(`procedural ${split}`).split(index);
  for (let attempt = 0; ; attempt++) {
    const rng = stream.split(attempt);
    const shape = given ?? proceduralShape(category, rng.split("shape"));
    const { camera: whole, pose } = randomView(shape.size, rng.split("view"));
    const camera = window(whole, shape.mesh, pose, resolution, rng.split("window"));
    const others = surroundings(shape, pose, rng.split("scene"));
    const object = rasterize([{ mesh: shape.mesh, pose }], camera);
    const scene = rasterize(others, camera);
    const visible = visibleMask(object, scene);
    let [silhouette, seen, handle] = [0, 0, 0];
    for (let i = 0; i < visible.length; i++) {
      if (object.depth[i]! > 0) silhouette++;
      if (visible[i] === 0) continue;
      seen++;
      if (shape.mesh.parts?.[object.triangle[i]!] === 1) handle++;
    }
    if (seen < leastPixels || seen < leastShare * silhouette) continue;
    const mask = segment(visible, camera.width, camera.height, rng.split("mask"));
    const truth = new Float32Array(visible.length);
    // Without maps only the masked pixels are ever looked at: the others are not measured.
    const measured: number[] = [];
    for (let i = 0; i < truth.length; i++) {
      truth[i] = visible[i] === 1 ? object.depth[i]! : scene.depth[i]!;
      if (maps || mask[i] === 1) measured.push(i);
    }
    const noise = rng.split("sensor");
    const depth = measureDepth(truth, camera, measured, randomSensor(noise), noise);
    let points = 0;
    for (let i = 0; i < depth.length; i++) if (mask[i] === 1 && depth[i]! > 0) points++;
    if (points < leastPixels / 2) continue;
    return {
      id: `procedural/${split}/${index}`,
      category,
      camera,
      depth,
      mask,
      pose,
      size: shape.size,
      handleVisible: category !== "mug" || handle >= Math.max(leastHandlePixels, 0.01 * seen),
      ...(maps ? appearance(shape, pose, camera, object, visible, others, scene, rng.split("appearance")) : {}),
    };
  }
}
