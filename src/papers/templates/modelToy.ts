/**
 * @file A data set's model as an object of rendered pictures.
 */
import { boundsOf, extentsOf, type Mesh, transformMesh } from "../../geometry/mesh";
import type { Pose } from "../../geometry/pose";
import { addSurfaceColor } from "../../geometry/surfaceColor";
import type { Vector3 } from "../../geometry/vector";
import { type Toy, toYUp } from "./toyView";

/** A model with z upwards that stands on a table as toys do, in the colours of its texture or vertices. */
export function modelToy(
  mesh: Mesh,
  render: Pick<Toy["render"], "side" | "distance"> = { side: 0.2, distance: 0.8 },
): Toy {
  const { low, high } = boundsOf(transformMesh(mesh, { rotation: toYUp, translation: [0, 0, 0] }));
  const translation: Vector3 = [-(low[0] + high[0]) / 2, -(low[1] + high[1]) / 2, -(low[2] + high[2]) / 2];
  const inShape: Pose = { rotation: toYUp, translation };
  const upright = transformMesh(mesh, inShape);
  return {
    shape: {
      category: "box", // says nothing of its looks: it brings a material of its own
      mesh: upright,
      size: extentsOf(upright),
      material: ([x, y, z], _normal, _footprint, triangle) => {
        const color: [number, number, number] = [0, 0, 0];
        addSurfaceColor(upright, triangle!, x, y, z, 1 / 255, color);
        return color;
      },
    },
    mesh,
    inShape,
    render,
  };
}
