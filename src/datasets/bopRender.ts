/**
 * @file What the cameras of a BOP image would see of its objects alone: depth and masks where the files lack them.
 */
import type { Camera } from "../geometry/camera";
import { rasterize } from "../geometry/rasterize";
import type { BopDataset } from "./bop";
import type { BopImage, BopInstance } from "./bopScene";

/** Maps of an image made from the models in their true poses. Nothing but the objects is there: no table, no background. */
export interface BopRendering {
  /** Metres; 0 where no object is. */
  depth: Float32Array;
  /** 1 where the instance is in front of all others. */
  mask: (instance: BopInstance) => Uint8Array;
}

/** Render all objects of an image. @throws InputError where a model's mesh is missing or damaged */
export function renderBop(dataset: Pick<BopDataset, "mesh">, image: BopImage, camera: Camera): BopRendering {
  const bodies = image.instances.map(({ objectId, pose }) => ({ mesh: dataset.mesh(objectId), pose }));
  const { depth, body } = rasterize(bodies, camera);
  return {
    depth,
    mask: ({ index }) => Uint8Array.from(body, (of) => Number(of === index)),
  };
}
