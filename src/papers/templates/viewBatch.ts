/**
 * @file Pairs for the training of an aggregation network: an object on a table among other things, and the template from
 * the nearest view; several views of each object, so that its other views are the negatives that are hard.
 */
import { assertInput } from "../../check";
import { maskGrid } from "../../datasets/maskGrid";
import { developAnew } from "../../datasets/procedural/developAnew";
import { renderTemplate } from "../../datasets/renderTemplate";
import type { Mesh } from "../../geometry/mesh";
import { lookAtRotation, nearestDirection, templateDirections } from "../../geometry/viewpoint";
import { Rng } from "../../random";
import { revisitedScenes } from "../revisitedScenes";
import { modelToy } from "./modelToy";
import { occlude, type Toy, toy, toyPicture } from "./toyView";

/** What one training step reads: row i of `templates` is the positive of row i of `queries`. */
export interface ViewBatch {
  /** Pairs. */
  batch: number;
  /** batch × size × size × 3 each. */
  queries: Uint8Array;
  templates: Uint8Array;
  /** batch × grid × grid, of the templates. */
  masks: Uint8Array;
}

/** How batches are made; plain data, so that it can be sent to a worker thread. */
export interface ViewBatchOptions {
  seed: number;
  batchSize: number;
  /** Views of each object in a batch, and how often a rendered scene is seen; both divide the batch. */
  viewsPerObject: number;
  visits: number;
  /** Only so many toys, in turn; default: every one is another. */
  toys?: number;
  /** These objects in turn instead of toys, as `modelToy` takes them. */
  models?: readonly Mesh[];
  /** Side of the crops, pixels, and of the maps. */
  size: number;
  grid: number;
}

/** A picture, the template from the nearest view, and the template's mask on the grid. */
export interface ViewPair {
  query: Uint8Array;
  template: Uint8Array;
  mask: Uint8Array;
}

/** Sides of the crops, pixels, and of the maps. */
export type ViewSizes = Pick<ViewBatchOptions, "size" | "grid">;

/** A batch of pairs; of each picture what a camera and clutter may change is drawn anew: occluder, blur, development. */
export function batchOf(pairs: readonly ViewPair[], rng: Rng, { size, grid }: ViewSizes): ViewBatch {
  const pixels = size * size * 3;
  const batch: ViewBatch = {
    batch: pairs.length,
    queries: new Uint8Array(pairs.length * pixels),
    templates: new Uint8Array(pairs.length * pixels),
    masks: new Uint8Array(pairs.length * grid * grid),
  };
  pairs.forEach(({ query, template, mask }, b) => {
    const own = rng.split(b);
    let picture: Uint8Array = query.slice();
    if (own.chance(0.6)) occlude(picture, pairs[own.integer(pairs.length)].query, size, own.split("occluder"));
    if (own.chance(0.4)) picture = blurred(picture, size);
    developAnew([picture], own.split("develop"));
    batch.queries.set(picture, b * pixels);
    batch.templates.set(template, b * pixels);
    batch.masks.set(mask, b * grid * grid);
  });
  return batch;
}

/** Each pixel the mean of its neighbourhood of 3 × 3. */
function blurred(picture: Uint8Array, size: number): Uint8Array {
  const soft = picture.slice();
  for (let v = 1; v < size - 1; v++)
    for (let u = 1; u < size - 1; u++)
      for (let k = 0; k < 3; k++) {
        let sum = 0;
        for (let j = -1; j <= 1; j++) for (let i = -1; i <= 1; i++) sum += picture[3 * ((v + j) * size + u + i) + k];
        soft[3 * (v * size + u) + k] = sum / 9;
      }
  return soft;
}

/** Object `index` of the batches of a seed. */
export const trainingToy = (seed: number, index: number): Toy =>
  toy(new Rng(seed).split("view batches").split("toy").split(index));

const inTurnOf =
  <T>(items: readonly T[]): ((index: number) => T) =>
  (index) =>
    items[index % items.length];

/** Toys by number, the latest kept. */
function toysOf(seed: number, count: number): (index: number) => Toy {
  const kept = new Map<number, Toy>();
  return (index) => {
    const number = index % count;
    const known = kept.get(number);
    if (known) return known;
    if (kept.size > 64) kept.clear();
    const made = trainingToy(seed, number);
    kept.set(number, made);
    return made;
  };
}

/**
 * The batch of any step: `viewBatches(options)(step)`; it depends on options and step alone.
 *
 * @throws InputError if the visits do not divide the batch, or there are no toys or models
 */
export function viewBatches(options: ViewBatchOptions): (step: number) => ViewBatch {
  const { seed, batchSize, viewsPerObject, visits, models, size, grid } = options;
  const { toys: count = Number.POSITIVE_INFINITY } = options;
  assertInput(count >= 1, `viewBatches: the pictures are of ${count} toys; give at least one`);
  assertInput(models === undefined || models.length > 0, "viewBatches: there are no models; give at least one");
  const rng = new Rng(seed).split("view batches");
  const directions = templateDirections("train");
  const objectAt = models ? inTurnOf(models.map((mesh) => modelToy(mesh))) : toysOf(seed, count);
  const make = (index: number): ViewPair => {
    const object = objectAt(Math.floor(index / viewsPerObject));
    const { picture: query, direction } = toyPicture(object, "templates", index, { seed, size });
    const { mesh, render } = object;
    const view = directions[nearestDirection(directions, direction)];
    const { rgb: template, mask } = renderTemplate(mesh, lookAtRotation(view), { size, ...render });
    return { query, template, mask: maskGrid(mask, size, grid) };
  };
  const pairAt = revisitedScenes({ batchSize, visits, make });
  return (step) =>
    batchOf(
      Array.from({ length: batchSize }, (_, b) => pairAt(step, b)),
      rng.split("visit").split(step),
      { size, grid },
    );
}
