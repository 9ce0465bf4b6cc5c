import { expect, test } from "vitest";
import { InputError } from "../../src/check";
import { invert, transformPoint } from "../../src/geometry/pose";
import { rotationFromAxisAngle } from "../../src/geometry/rotation";
import type { Category } from "../../src/geometry/symmetry";
import { norm, subtract, type Vector3 } from "../../src/geometry/vector";
import { Rng } from "../../src/random";
import {
  augmentCloud,
  moveCloud,
  type PosedCloud,
  rotationOfAngles,
  scaleCloud,
  taperCloud,
} from "../../src/training/augment";

const pose = { rotation: rotationFromAxisAngle([0.3, -1, 0.5]), translation: [0.05, -0.02, 0.8] } as const;
const size: Vector3 = [0.1, 0.2, 0.15];
/** Eight corners of the box. */
function boxCloud(category: Category, handleVisible: boolean = true): PosedCloud {
  const points = Float32Array.from({ length: 8 }).fill(0);
  const corners = Array.from(points, (_, i): number[] => {
    const corner: Vector3 = [
      (i & 1 ? 0.5 : -0.5) * size[0],
      (i & 2 ? 0.5 : -0.5) * size[1],
      (i & 4 ? 0.5 : -0.5) * size[2],
    ];
    return [...transformPoint(pose, corner)];
  });
  return { points: Float32Array.from(corners.flat()), pose, size, category, handleVisible };
}
/** Extents of the points along the object's axes. */
function extents({ points, pose: p }: PosedCloud): number[] {
  const back = invert(p);
  const own: Vector3[] = [];
  for (let i = 0; i < points.length; i += 3) own.push(transformPoint(back, [points[i], points[i + 1], points[i + 2]]));
  return [0, 1, 2].map((k) => Math.max(...own.map((x) => x[k])) - Math.min(...own.map((x) => x[k])));
}
const closeTo = (a: ArrayLike<number>, b: ArrayLike<number>, digits: number = 5): void =>
  Array.from(a).forEach((x, i) => {
    expect(x).toBeCloseTo(b[i], digits);
  });

test("after every change the points still fill the stated box", () => {
  closeTo(extents(scaleCloud(boxCloud("laptop"), [0.8, 1.1, 1.2])), [0.08, 0.22, 0.18]);
  for (const category of ["laptop", "bottle", "camera"] as const)
    for (let seed = 0; seed < 20; seed++) {
      const cloud = augmentCloud(boxCloud(category), new Rng(seed), { noiseProbability: 0, scaleProbability: 1 });
      closeTo(extents(cloud), cloud.size);
    }
  const tapered = taperCloud(boxCloud("mug"), 1.2, 0.9);
  closeTo(extents(tapered), tapered.size);
});

test("round objects stay round, a mug only with its handle hidden", () => {
  for (const [cloud, round] of [
    [boxCloud("can"), true],
    [boxCloud("mug"), false],
    [boxCloud("mug", false), true],
  ] as const) {
    const { size: changed } = scaleCloud(cloud, [0.8, 1, 1.2]);
    expect(Math.abs(changed[0] / changed[2] - size[0] / size[2]) < 1e-9).toBe(round);
  }
});

test("a rigid motion keeps distances and moves points and pose alike", () => {
  const cloud = boxCloud("camera");
  const moved = moveCloud(cloud, [0.01, 0.02, -0.03], rotationOfAngles([0.1, -0.2, 0.25]));
  const at = (p: Float32Array, i: number): Vector3 => [p[3 * i], p[3 * i + 1], p[3 * i + 2]];
  for (let i = 1; i < 8; i++)
    expect(norm(subtract(at(moved.points, i), at(moved.points, 0)))).toBeCloseTo(
      norm(subtract(at(cloud.points, i), at(cloud.points, 0))),
      6,
    );
  closeTo(at(moved.points, 3), transformPoint(moved.pose, transformPoint(invert(pose), at(cloud.points, 3))));
});

test("the same seed gives the same cloud; nothing is changed in place; switches and bad ranges", () => {
  const cloud = boxCloud("mug");
  const before = cloud.points.slice();
  const all = { scaleProbability: 1, rigidProbability: 1, taperProbability: 1, noiseProbability: 1 };
  const changed = augmentCloud(cloud, new Rng(1), all);
  expect(augmentCloud(cloud, new Rng(1), all)).toEqual(changed);
  expect(augmentCloud(cloud, new Rng(2), all)).not.toEqual(changed);
  expect(cloud.points).toEqual(before);
  // Switching one change off does not move the draws of another.
  const rigidOnly = { scaleProbability: 0, rigidProbability: 1, taperProbability: 0, noiseProbability: 0 };
  closeTo(augmentCloud(cloud, new Rng(1), rigidOnly).pose.rotation, changed.pose.rotation, 12);
  const none = { ...rigidOnly, rigidProbability: 0 };
  expect(augmentCloud(cloud, new Rng(1), none)).toEqual(cloud);
  expect(() => augmentCloud(cloud, new Rng(1), { noiseProbability: 2 })).toThrow(InputError);
  expect(() => augmentCloud(cloud, new Rng(1), { scaleRange: [1.2, 0.8] })).toThrow(InputError);
});
