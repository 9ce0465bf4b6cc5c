import fc from "fast-check";
import { expect, test } from "vitest";
import { compose, invert, type Pose, poseFromVector, poseVector, transformPoint } from "../../src/geometry/pose";
import { matrix4OfSimilarity, similarityFromMatrix4, transformBySimilarity } from "../../src/geometry/similarity";
import { identity3, norm, subtract } from "../../src/geometry/vector";
import { difference, pose, rotation, vector } from "./arbitraries";

const numbers = (p: Pose): number[] => [...p.rotation, ...p.translation];
const identity: Pose = { rotation: identity3, translation: [0, 0, 0] };

test("SE(3) is a group: associative, with identity and inverse", () => {
  fc.assert(
    fc.property(pose, pose, pose, (a, b, c) => {
      expect(difference(numbers(compose(compose(a, b), c)), numbers(compose(a, compose(b, c))))).toBeLessThan(1e-13);
      expect(difference(numbers(compose(a, identity)), numbers(a))).toBe(0);
      expect(difference(numbers(compose(identity, a)), numbers(a))).toBe(0);
      expect(difference(numbers(compose(a, invert(a))), numbers(identity))).toBeLessThan(1e-14);
      expect(difference(numbers(compose(invert(a), a)), numbers(identity))).toBeLessThan(1e-14);
    }),
  );
});

test("SE(3) acts: (a ∘ b)·x = a·(b·x), and distances stay", () => {
  fc.assert(
    fc.property(pose, pose, vector(1), vector(1), (a, b, x, y) => {
      expect(difference(transformPoint(compose(a, b), x), transformPoint(a, transformPoint(b, x)))).toBeLessThan(1e-14);
      const moved = norm(subtract(transformPoint(a, x), transformPoint(a, y)));
      expect(moved).toBeCloseTo(norm(subtract(x, y)), 13);
    }),
  );
});

test("nine numbers and back", () => {
  fc.assert(
    fc.property(pose, (p) => {
      expect(difference(numbers(poseFromVector(poseVector(p))), numbers(p))).toBeLessThan(1e-14);
    }),
  );
});

test("a similarity's matrix and back, and it acts as the matrix does", () => {
  const scale = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
  fc.assert(
    fc.property(rotation, vector(2), scale, vector(1), (r, translation, s, x) => {
      const similarity = { scale: s, rotation: r, translation };
      const m = matrix4OfSimilarity(similarity);
      const back = similarityFromMatrix4(m);
      expect(Math.abs(back.scale / s - 1)).toBeLessThan(1e-14);
      expect(difference(numbers(back), numbers(similarity))).toBeLessThan(1e-14);
      const image = [0, 4, 8].map((i) => m[i] * x[0] + m[i + 1] * x[1] + m[i + 2] * x[2] + m[i + 3]);
      expect(difference(transformBySimilarity(similarity, x), image)).toBeLessThan(1e-12 * Math.max(1, s));
    }),
  );
});
