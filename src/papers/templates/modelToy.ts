/**
 * @file A data set's model as an object of rendered pictures.
 */
import { extentsOf, type Mesh } from "../../geometry/mesh";
import { addSurfaceColor } from "../../geometry/surfaceColor";
import { type Toy, yUpOf } from "./toyView";

/**
 * A model, z upwards and the origin at the centre of its box as in BOP's data sets, that can stand on a table as toys do,
 * in the colours of its texture or vertices.
 */
export function modelToy(
  mesh: Mesh,
  render: Pick<Toy["render"], "side" | "distance"> = { side: 0.2, distance: 0.8 },
): Toy {
  const upright: Mesh = { ...mesh, vertices: yUpOf(mesh.vertices) };
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
    render,
  };
}
