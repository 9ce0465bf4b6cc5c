/**
 * @file An unseen instance of a category, from a random stream.
 */
import { extentsOf, type Mesh } from "../../geometry/mesh";
import type { Category } from "../../geometry/symmetry";
import type { Vector3 } from "../../geometry/vector";
import type { Rng } from "../../random";
import { bottle } from "./bottle";
import { bowl } from "./bowl";
import { box } from "./box";
import { can } from "./can";
import { laptop } from "./laptop";
import { mug } from "./mug";
import { photoCamera } from "./photoCamera";
import type { Material } from "./typicalMaterial";

/** A shape in the NOCS convention: y up, origin at the centre of its box, metres. */
export interface Shape {
  category: Category;
  mesh: Mesh;
  /** Extents along x, y, z. */
  size: Vector3;
  /** Its colours, where they are not those of its category. */
  material?: Material;
}

const makers: Record<Category, (rng: Rng) => Mesh> = { bottle, bowl, box, camera: photoCamera, can, laptop, mug };

/** Draw an instance of a category. The same stream gives the same shape. */
export function proceduralShape(category: Category, rng: Rng): Shape {
  const mesh = makers[category](rng);
  return { category, mesh, size: extentsOf(mesh) };
}
