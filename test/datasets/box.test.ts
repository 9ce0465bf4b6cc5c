import { expect, test } from "vitest";
import { proceduralSample } from "../../src/datasets/procedural/proceduralSample";
import { proceduralShape } from "../../src/datasets/procedural/shape";
import { rotationY } from "../../src/geometry/rotation";
import { categories, halfTurn, isCategory, symmetryOf } from "../../src/geometry/symmetry";
import { apply, identity3, type Matrix3, type Vector3 } from "../../src/geometry/vector";
import { Rng } from "../../src/random";

/** Farthest distance from a turned vertex to the vertex nearest to it, over the size. */
function mismatch(vertices: Float64Array, turn: Matrix3, size: Vector3): number {
  const points = Array.from(
    { length: vertices.length / 3 },
    (_, i): Vector3 => [vertices[3 * i]!, vertices[3 * i + 1]!, vertices[3 * i + 2]!],
  );
  const farthest = Math.max(
    ...points.map((p) => {
      const q = apply(turn, p);
      return Math.min(...points.map((o) => Math.hypot(o[0] - q[0], o[1] - q[1], o[2] - q[2])));
    }),
  );
  return farthest / Math.max(...size);
}

test("half a turn about y leaves a box as it is, a quarter does not; one with a gable has no other symmetry", () => {
  for (let i = 0; i < 20; i++) {
    const { mesh, size } = proceduralShape("box", new Rng(3).split(i));
    expect(mismatch(mesh.vertices, identity3, size)).toBe(0);
    expect(mismatch(mesh.vertices, halfTurn, size)).toBeLessThan(1e-12);
    expect(mismatch(mesh.vertices, rotationY(Math.PI / 2), size)).toBeGreaterThan(0.02);
    expect(size[0]).toBeGreaterThan(size[2]);
  }
  expect(symmetryOf("box")).toBe("halfTurnAboutY");
});

test("the box is none of the six: lists, samples and neighbours of theirs do not know it", () => {
  expect(categories).toHaveLength(6);
  expect(isCategory("box")).toBe(false);
  expect(Array.from({ length: 12 }, (_, i) => proceduralSample("test", i, { maps: false }).category)).not.toContain(
    "box",
  );
});

test("a box is rendered like the others", () => {
  const sample = proceduralSample("test", 3, { category: "box" });
  expect(sample.category).toBe("box");
  expect(sample.handleVisible).toBe(true);
  expect(sample.mask.reduce((sum, x) => sum + x, 0)).toBeGreaterThan(80);
});
