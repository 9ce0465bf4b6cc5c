/**
 * @file Objects of no category: some solids grown together, painted in patches. For networks that must know any object.
 */
import { extentsOf } from "../../geometry/mesh";
import { rotationX, rotationY, rotationZ } from "../../geometry/rotation";
import { identity3, multiply, type Vector3 } from "../../geometry/vector";
import type { Rng } from "../../random";
import { randomMaterial } from "./appearance";
import type { Shape } from "./shape";
import { Solid } from "./solids";
import type { Material } from "./typicalMaterial";

/** A lathe's profile from the bottom centre to the top centre, closed, of a random outline. */
function profile(rng: Rng, radius: number, height: number): [number, number][] {
  const rings = 3 + rng.integer(4);
  const inner = Array.from({ length: rings }, (_, i): [number, number] => [
    radius * rng.uniform(0.35, 1),
    height * (i / (rings - 1) - 0.5),
  ]);
  return [[1e-4, -height / 2], ...inner, [1e-4, height / 2]];
}

/** Colours in patches: a point takes the paint of the nearest of some places on the object. */
function patches(size: Vector3, rng: Rng): Material {
  const paints = Array.from({ length: 3 + rng.integer(6) }, () => ({
    at: size.map((extent) => rng.uniform(-0.5, 0.5) * extent) as unknown as Vector3,
    material: randomMaterial(rng),
  }));
  return (point, normal, footprint) => {
    let [nearest, found] = [Infinity, paints[0].material];
    for (const { at, material } of paints) {
      const away = (point[0] - at[0]) ** 2 + (point[1] - at[1]) ** 2 + (point[2] - at[2]) ** 2;
      if (away < nearest) [nearest, found] = [away, material];
    }
    return found(point, normal, footprint);
  };
}

/**
 * Draw an object of 6 to 25 cm: one solid and up to five more that stick out of it, turned at will. Its category is
 * "box", which says nothing of its looks: it brings a material of its own. The same stream gives the same object.
 */
export function toyShape(rng: Rng): Shape {
  const solid = new Solid();
  const reach = rng.uniform(0.03, 0.1);
  for (let i = 0, count = 1 + rng.integer(6); i < count; i++) {
    const scale = i === 0 ? reach : reach * rng.uniform(0.25, 0.7);
    const rotation =
      i === 0
        ? identity3
        : multiply(
            rotationY(rng.uniform(0, 6.3)),
            multiply(rotationX(rng.uniform(0, 6.3)), rotationZ(rng.uniform(0, 6.3))),
          );
    const translation = [0, 1, 2].map(() => (i === 0 ? 0 : reach * rng.uniform(-0.6, 0.6))) as unknown as Vector3;
    const extent = (): number => scale * rng.uniform(0.5, 2);
    if (rng.chance(0.5))
      solid.cuboid([extent(), extent(), extent()], { taper: rng.uniform(0.4, 1.2), rotation, translation });
    else
      solid.lathe(profile(rng, scale * rng.uniform(0.4, 1), extent()), {
        segments: 20,
        flatten: rng.uniform(0.4, 1),
        rotation,
        translation,
      });
  }
  const mesh = solid.build();
  const size = extentsOf(mesh);
  return { category: "box", mesh, size, material: patches(size, rng) };
}
