/**
 * @file Pairs for the training of an aggregation network: an object on a table among other things, and the template from
 * the nearest view; several views of each object, so that its other views are the negatives that are hard.
 */
import { maskGrid } from "../../datasets/maskGrid";
import { developAnew } from "../../datasets/procedural/developAnew";
import { photoWindow } from "../../datasets/procedural/proceduralPhoto";
import type { Shape } from "../../datasets/procedural/shape";
import { toyShape } from "../../datasets/procedural/toy";
import { renderTemplate } from "../../datasets/renderTemplate";
import { metricSquare, warpSquare } from "../../datasets/templateCrop";
import type { Mesh } from "../../geometry/mesh";
import { type Matrix3, multiply, norm, type Vector3 } from "../../geometry/vector";
import { lookAtRotation, nearestDirection, templateDirections, viewDirection } from "../../geometry/viewpoint";
import { Rng } from "../../random";
import { revisitedScenes } from "../revisitedScenes";

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
  /** Side of the crops, pixels, and of the maps. */
  size: number;
  grid: number;
}

/** Embedded shapes have y upwards, template matching's objects z: (x, y, z) → (x, −z, y), and back as a matrix. */
const toYUp: Matrix3 = [1, 0, 0, 0, 0, 1, 0, -1, 0];
const toZUp = (v: Float64Array): Float64Array =>
  v.map((_, i) => (i % 3 === 0 ? v[i] : i % 3 === 1 ? -v[i + 1] : v[i - 1]));

/** A crop's side over the object's largest extent: LINEMOD's 0.2 m over its objects' 0.1 to 0.25. */
const sideOverExtent = 1.3;

interface Pair {
  query: Uint8Array;
  template: Uint8Array;
  mask: Uint8Array;
}

/** A disc or a bar of another picture before the object, at most about half of it. */
function occlude(picture: Uint8Array, other: Uint8Array, size: number, rng: Rng): void {
  const [x, y] = [rng.uniform(0.15, 0.85) * size, rng.uniform(0.15, 0.85) * size];
  const [a, b] = [rng.uniform(0.1, 0.35) * size, rng.uniform(0.1, 0.35) * size];
  const angle = rng.uniform(0, Math.PI);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const round = rng.chance(0.5);
  for (let v = 0; v < size; v++)
    for (let u = 0; u < size; u++) {
      const [p, q] = [(c * (u - x) + s * (v - y)) / a, (c * (v - y) - s * (u - x)) / b];
      if (round ? p * p + q * q > 1 : Math.abs(p) > 1 || Math.abs(q) > 1) continue;
      const i = 3 * (v * size + u);
      for (let k = 0; k < 3; k++) picture[i + k] = other[i + k];
    }
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

/**
 * The batch of any step: `viewBatches(options)(step)`; it depends on options and step alone.
 *
 * @throws InputError if the visits do not divide the batch
 */
export function viewBatches(options: ViewBatchOptions): (step: number) => ViewBatch {
  const { seed, batchSize, viewsPerObject, visits, size, grid } = options;
  const rng = new Rng(seed).split("view batches");
  const directions = templateDirections("train");
  const shapes = new Map<number, { shape: Shape; mesh: Mesh }>();
  const shapeAt = (object: number): { shape: Shape; mesh: Mesh } => {
    const known = shapes.get(object);
    if (known) return known;
    const shape = toyShape(rng.split("toy").split(object));
    const made = { shape, mesh: { ...shape.mesh, vertices: toZUp(shape.mesh.vertices) } };
    if (shapes.size > 64) shapes.clear();
    shapes.set(object, made);
    return made;
  };
  const make = (index: number): Pair => {
    const { shape, mesh } = shapeAt(Math.floor(index / viewsPerObject));
    const side = sideOverExtent * norm(shape.size);
    const { rgb, camera, pose: posed } = photoWindow("templates", index, { seed, shape, resolution: 1.7 * size });
    const pose = { ...posed, rotation: multiply(posed.rotation, toYUp) };
    const query = warpSquare(rgb, 3, camera, metricSquare(pose, camera, { side }), size);
    const view = directions[nearestDirection(directions, viewDirection(pose))];
    const yUp = ([x, y, z]: Vector3): Vector3 => [x, z, -y];
    const paint = shape.material;
    const { rgb: template, mask } = renderTemplate(mesh, lookAtRotation(view), {
      size,
      side,
      distance: 2 * side,
      ...(paint && { material: (point, normal, footprint) => paint(yUp(point), yUp(normal), footprint) }),
    });
    return { query, template, mask: maskGrid(mask, size, grid) };
  };
  const pairAt = revisitedScenes({ batchSize, visits, make });
  return (step) => {
    const pixels = size * size * 3;
    const batch: ViewBatch = {
      batch: batchSize,
      queries: new Uint8Array(batchSize * pixels),
      templates: new Uint8Array(batchSize * pixels),
      masks: new Uint8Array(batchSize * grid * grid),
    };
    const pairs = Array.from({ length: batchSize }, (_, b) => pairAt(step, b));
    pairs.forEach(({ query, template, mask }, b) => {
      const own = rng.split("visit").split(step).split(b);
      let picture: Uint8Array = query.slice();
      if (own.chance(0.6)) occlude(picture, pairs[own.integer(batchSize)].query, size, own.split("occluder"));
      if (own.chance(0.4)) picture = blurred(picture, size);
      developAnew([picture], own.split("develop"));
      batch.queries.set(picture, b * pixels);
      batch.templates.set(template, b * pixels);
      batch.masks.set(mask, b * grid * grid);
    });
    return batch;
  };
}
