/**
 * @file The scene around the object: the table it stands on, neighbours that clutter it, things that hide a part of it.
 */
import type { Mesh } from "../../geometry/mesh";
import { compose, type Pose, transformPoint } from "../../geometry/pose";
import type { Body } from "../../geometry/rasterize";
import { rotationX, rotationY } from "../../geometry/rotation";
import { categories } from "../../geometry/symmetry";
import { identity3, multiply, type Vector3 } from "../../geometry/vector";
import type { Rng } from "../../random";
import { proceduralShape, type Shape } from "./shape";
import { Solid } from "./solids";

/** A square of side 2·half in the plane y = 0. */
export const square = (half: number): Mesh => ({
  vertices: Float64Array.of(-half, 0, -half, half, 0, -half, half, 0, half, -half, 0, half),
  triangles: Uint32Array.of(0, 2, 1, 0, 3, 2),
});

/** A neighbour: an instance of a category or a plain box, as wide as `size` says. */
function neighbour(rng: Rng): { mesh: Mesh; size: Vector3 } {
  if (rng.chance(0.65)) return proceduralShape(rng.pick(categories), rng);
  const size: Vector3 = [rng.uniform(0.03, 0.2), rng.uniform(0.02, 0.25), rng.uniform(0.03, 0.2)];
  return { mesh: new Solid().cuboid(size).build(), size };
}

/**
 * Table, up to three neighbours on it that do not touch the object, and in one scene of four something small that
 * floats between camera and object (a hand, a cable, another object's edge).
 *
 * @param clearance metres that the object may move on the table without touching a neighbour
 */
export function surroundings(shape: Shape, pose: Pose, rng: Rng, clearance: number = 0): Body[] {
  const bodies: Body[] = [];
  const ground = -shape.size[1] / 2;
  if (rng.chance(0.92))
    bodies.push({
      mesh: square(rng.uniform(0.3, 1.2)),
      pose: compose(pose, { rotation: rotationY(rng.uniform(0, 3)), translation: [0, ground - 1e-4, 0] }),
    });
  const reach = Math.hypot(shape.size[0], shape.size[2]) / 2 + clearance;
  const neighbours = rng.chance(0.55) ? 1 + rng.integer(3) : 0;
  for (let i = 0; i < neighbours; i++) {
    const { mesh, size } = neighbour(rng);
    const angle = rng.uniform(0, 2 * Math.PI);
    const away = reach + Math.hypot(size[0], size[2]) / 2 + rng.uniform(0.005, 0.16);
    bodies.push({
      mesh,
      pose: compose(pose, {
        rotation: rotationY(rng.uniform(0, 2 * Math.PI)),
        translation: [away * Math.cos(angle), ground + size[1] / 2, away * Math.sin(angle)],
      }),
    });
  }
  if (rng.chance(0.25)) {
    const target = transformPoint(pose, [
      rng.uniform(-0.6, 0.6) * shape.size[0],
      rng.uniform(-0.6, 0.6) * shape.size[1],
      rng.uniform(-0.6, 0.6) * shape.size[2],
    ]);
    const nearer = rng.uniform(0.55, 0.85);
    const width = Math.max(...shape.size) * nearer;
    bodies.push({
      mesh: new Solid().cuboid([width * rng.uniform(0.08, 0.45), width * rng.uniform(0.2, 1.2), width * 0.1]).build(),
      pose: {
        rotation: multiply(rotationX(rng.uniform(0, 3)), multiply(rotationY(rng.uniform(0, 3)), identity3)),
        translation: [target[0] * nearer, target[1] * nearer, target[2] * nearer],
      },
    });
  }
  return bodies;
}
