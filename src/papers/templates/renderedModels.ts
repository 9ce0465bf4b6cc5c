/**
 * @file Models of a data set, whose renders a network learns from.
 */
import { assertInput } from "../../check";
import type { BopDataset } from "../../datasets/bop";
import type { Mesh } from "../../geometry/mesh";

/** Objects that are rendered in pictures of the training. */
export interface RenderedModels {
  meshes: readonly Mesh[];
  /** What they are, in a word; a training that is resumed must have the same. */
  source: string;
}

/** All models of a data set, or those of some objects. @throws InputError for an object that it does not have */
export async function renderedModels(
  dataset: BopDataset,
  source: string,
  objectIds: Iterable<number> = dataset.models.keys(),
): Promise<RenderedModels> {
  const meshes: Mesh[] = [];
  for (const id of objectIds) {
    assertInput(
      dataset.models.has(id),
      `${dataset.root}: there is no model of object ${id}; choose from ${[...dataset.models.keys()].join(", ")}`,
    );
    meshes.push(await dataset.texturedMesh(id));
  }
  return { meshes, source };
}
