/**
 * @file Pictures of objects on tables for the embedded diffusion network, with their noise.
 */
import { dynamicZoomIn, zoomDraws } from "../datasets/crop";
import { imageCrop } from "../datasets/imageCrop";
import { developAnew } from "../datasets/procedural/developAnew";
import { photoWindow } from "../datasets/procedural/proceduralPhoto";
import { toyShape } from "../datasets/procedural/toy";
import { windowWithin } from "../datasets/windowWithin";
import { categories } from "../geometry/symmetry";
import { Rng } from "../random";
import { revisitedScenes } from "./revisitedScenes";

/** What one training step reads. */
export interface PictureBatch {
  batch: number;
  /** batch × size × size × 3. */
  pictures: Uint8Array;
  /** Diffusion steps, one a picture. */
  steps: Int32Array;
  /** ε ~ N(0, I), a number for each of the pictures'. */
  noise: Float32Array;
}

/** How batches are made; plain data, so that it can be sent to a worker thread. */
export interface PictureBatchOptions {
  seed: number;
  batchSize: number;
  /** How often a rendered scene is seen, each time in another crop; divides the batch. */
  visits: number;
  /** Side of the pictures. */
  size: number;
  /** Diffusion steps are drawn from 0 … timesteps − 1. */
  timesteps: number;
}

/** Share of the objects that are of no category. */
const toys = 0.7;

/** A square picture mirrored left to right, in place. */
function mirror(picture: Uint8Array, size: number): void {
  for (let row = 0; row < size; row++)
    for (let left = 0; left < size >> 1; left++)
      for (let k = 0; k < 3; k++) {
        const [i, j] = [3 * (row * size + left) + k, 3 * (row * size + size - 1 - left) + k];
        [picture[i], picture[j]] = [picture[j], picture[i]];
      }
}

/**
 * The batch of any step: `pictureBatches(options)(step)`; it depends on options and step alone. Objects of the six
 * categories and of none (`toyShape`), each on a table among other things, cut out by a dynamic zoom-in.
 *
 * @throws InputError if the visits do not divide the batch
 */
export function pictureBatches(options: PictureBatchOptions): (step: number) => PictureBatch {
  const { seed, batchSize, visits, size, timesteps } = options;
  const rng = new Rng(seed).split("picture batches");
  const sceneAt = revisitedScenes({
    batchSize,
    visits,
    make: (index) => {
      const own = rng.split("scene").split(index);
      const shape = own.chance(toys) ? toyShape(own.split("toy")) : undefined;
      const category = categories[index % categories.length];
      return photoWindow("pictures", index, { seed, category, shape, resolution: 1.5 * size });
    },
  });
  return (step) => {
    const pictures = new Uint8Array(batchSize * size * size * 3);
    for (let b = 0; b < batchSize; b++) {
      const { rgb, camera, photoCamera, box } = sceneAt(step, b);
      const own = rng.split("visit").split(step).split(b);
      const window = dynamicZoomIn(box, photoCamera, zoomDraws(own.split("zoom")));
      const picture = imageCrop({ rgb, camera }, windowWithin(camera, photoCamera, window), size);
      developAnew([picture], own.split("develop"));
      if (own.split("mirror").chance(0.5)) mirror(picture, size);
      pictures.set(picture, b * size * size * 3);
    }
    const chance = rng.split("noise").split(step);
    const steps = Int32Array.from({ length: batchSize }, () => chance.integer(timesteps));
    return { batch: batchSize, pictures, steps, noise: Float32Array.from(chance.normals(pictures.length)) };
  };
}
