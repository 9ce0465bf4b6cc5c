/**
 * @file Toys as objects of template matching: a mesh with z upwards for templates, and pictures of it on a table.
 */
import { photoWindow } from "../../datasets/procedural/proceduralPhoto";
import type { Shape } from "../../datasets/procedural/shape";
import { toyShape } from "../../datasets/procedural/toy";
import type { RenderTemplateOptions } from "../../datasets/renderTemplate";
import { metricSquare, warpSquare } from "../../datasets/templateCrop";
import type { Mesh } from "../../geometry/mesh";
import { compose, type Pose } from "../../geometry/pose";
import { type Matrix3, norm, type Vector3 } from "../../geometry/vector";
import { viewDirection } from "../../geometry/viewpoint";
import type { Rng } from "../../random";

/** An object that no data set has. */
export interface Toy {
  /** As the embedded photos know it, y upwards. */
  shape: Shape;
  /** z upwards, metres. */
  mesh: Mesh;
  /** Mesh → shape. */
  inShape: Pose;
  /** How its templates are rendered. */
  render: Required<Pick<RenderTemplateOptions, "side" | "distance">> & Pick<RenderTemplateOptions, "material">;
}

/** Embedded shapes have y upwards, template matching's objects z: (x, y, z) → (x, −z, y), and back as a matrix. */
export const toYUp: Matrix3 = [1, 0, 0, 0, 0, 1, 0, -1, 0];
const zUpOf = (v: Float64Array): Float64Array =>
  v.map((_, i) => (i % 3 === 0 ? v[i] : i % 3 === 1 ? -v[i + 1] : v[i - 1]));

/** A crop's side over the object's largest extent: LINEMOD's 0.2 m over its objects' 0.1 to 0.25. */
const sideOverExtent = 1.3;

/** Draw a toy. The same stream gives the same one. */
export function toy(rng: Rng): Toy {
  const shape = toyShape(rng);
  const side = sideOverExtent * norm(shape.size);
  const yUp = ([x, y, z]: Vector3): Vector3 => [x, z, -y];
  const paint = shape.material;
  return {
    shape,
    mesh: { ...shape.mesh, vertices: zUpOf(shape.mesh.vertices) },
    inShape: { rotation: toYUp, translation: [0, 0, 0] },
    render: {
      side,
      distance: 2 * side,
      ...(paint && { material: (point, normal, footprint) => paint(yUp(point), yUp(normal), footprint) }),
    },
  };
}

/**
 * A picture of a toy on a table among other things, cropped as `metricSquare` does: photo `index` of a split.
 *
 * @returns size × size × 3 bytes, and the direction from the object to the camera in the frame of the toy's mesh
 */
export function toyPicture(
  { shape, inShape, render }: Toy,
  split: string,
  index: number,
  { seed, size }: { seed: number; size: number },
): { picture: Uint8Array; direction: Vector3 } {
  const { rgb, camera, pose: posed } = photoWindow(split, index, { seed, shape, resolution: 1.7 * size });
  const pose = compose(posed, inShape);
  const corners = metricSquare(pose, camera, { side: render.side });
  return { picture: warpSquare(rgb, 3, camera, corners, size), direction: viewDirection(pose) };
}

/** A disc or a bar of another picture before the object, in place; at most about half of it is hidden. */
export function occlude(picture: Uint8Array, other: Uint8Array, size: number, rng: Rng): void {
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
