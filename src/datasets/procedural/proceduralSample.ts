/**
 * @file The embedded data, endless: sample i of a split is a scene rendered from the stream (split, i).
 */
import { assertInput } from "../../check";
import { type Category, categories } from "../../geometry/symmetry";
import { Rng } from "../../random";
import type { PosedSample, RenderedSample } from "../sample";
import { appearance } from "./appearance";
import { detectorMask } from "./detectorMask";
import { objectWindow } from "./objectWindow";
import { measure, observe } from "./observation";
import { surroundings } from "./scene";
import { randomSensor } from "./sensor";
import { proceduralShape, type Shape } from "./shape";
import { randomView, type ViewRange } from "./view";

/** Version of the embedded data; a card names the version its checkpoint was trained on. */
export const proceduralDataVersion = 1;

const defaults = { resolution: 96, maps: true, seed: 0, materials: "random" } satisfies ProceduralOptions;

export interface ProceduralOptions {
  /** Largest side of the crop in pixels; smaller objects keep the pixels of the 640 × 480 camera. */
  resolution?: number;
  /** Also colour, normals and NOCS map (four times the time). */
  maps?: boolean;
  /**
   * Colours of the object: random ones say nothing of its pose beyond its edges and shading; typical ones are those of
   * the category (a screen, a lens, a label) and tell front from back. Depth, mask and neighbours are the same.
   */
  materials?: "random" | "typical";
  /** Only this category; without it, category i mod 6. */
  category?: Category;
  /** Seed of the split's stream. */
  seed?: number;
  /** The very shape, instead of a random one. */
  shape?: Shape;
  /** From where objects are seen; default: `wide`. */
  views?: ViewRange;
  /** Masks of a detector with errors of this size (`detectorMask`), instead of annotated ones. */
  detectorError?: number;
}

/** Fewer visible pixels, or a smaller share of the silhouette, make a scene that is thrown away. */
const leastPixels = 80;
const leastShare = 0.4;

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
  const { resolution, maps, seed, materials, views, detectorError } = { ...defaults, ...options };
  const { category: wanted, shape: given } = options;
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
    const { camera: whole, pose } = randomView(shape.size, rng.split("view"), views);
    const margin = rng.split("window").uniform(1.12, 1.3);
    const camera = objectWindow(whole, shape.mesh, pose, resolution, margin);
    const others = surroundings(shape, pose, rng.split("scene"));
    const view = observe(shape, pose, camera, others);
    if (view.seen < leastPixels || view.seen < leastShare * view.silhouette) continue;
    const noiseRng = rng.split("sensor");
    const sensor = randomSensor(noiseRng);
    const { mask, depth, points } = measure(view, camera, {
      sensor,
      ...(detectorError !== undefined && {
        segmentation: (visible, width, height, maskRng) => detectorMask(visible, width, height, detectorError, maskRng),
      }),
      maskRng: rng.split("mask"),
      noiseRng,
      everywhere: maps,
    });
    if (points < leastPixels / 2) continue;
    return {
      id: `procedural/${split}/${index}`,
      category,
      camera,
      depth,
      mask,
      pose,
      size: shape.size,
      handleVisible: view.handleVisible,
      visibleShare: view.seen / view.silhouette,
      ...(maps ? appearance(shape, pose, camera, view, others, rng.split("appearance"), { materials }) : {}),
    };
  }
}
