import fc from "fast-check";
import { expect, test } from "vitest";
import { transformBySimilarity } from "../../src/geometry/similarity";
import { indexDraws, umeyama, umeyamaRansac } from "../../src/geometry/umeyama";
import { determinant, norm, subtract, type Vector3 } from "../../src/geometry/vector";
import { Rng } from "../../src/random";
import { difference, rotation, vector } from "./arbitraries";

const scales = fc.double({ min: 0.05, max: 20, noNaN: true });
const seeds = fc.integer({ min: 0, max: 1e6 });

const cloud = (rng: Rng, n: number): Vector3[] =>
  Array.from({ length: n }, () => [rng.normal(), rng.normal(), rng.normal()]);

const sumOfSquares = (a: Vector3[], b: Vector3[]): number =>
  a.reduce((sum, p, i) => sum + norm(subtract(p, b[i])) ** 2, 0);

test("recovers a similarity from exact points, planar ones too", () => {
  fc.assert(
    fc.property(rotation, vector(3), scales, seeds, fc.boolean(), (r, translation, scale, seed, planar) => {
      const source = cloud(new Rng(seed), 12).map(([x, y, z]): Vector3 => [x, y, planar ? 0 : z]);
      const truth = { scale, rotation: r, translation };
      const found = umeyama(
        source.flat(),
        source.flatMap((p) => transformBySimilarity(truth, p)),
      );
      expect(Math.abs(found.scale / scale - 1)).toBeLessThan(1e-10);
      expect(difference(found.rotation, r)).toBeLessThan(1e-9);
      expect(difference(found.translation, translation)).toBeLessThan(1e-9 * Math.max(1, scale));
    }),
  );
});

test("never reflects, and no nearby similarity fits noisy points better", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const rng = new Rng(seed);
      const [source, target] = [cloud(rng, 8), cloud(rng, 8)];
      const best = umeyama(source.flat(), target.flat());
      expect(determinant(best.rotation)).toBeCloseTo(1, 12);
      const error = (s: typeof best): number =>
        sumOfSquares(
          source.map((p) => transformBySimilarity(s, p)),
          target,
        );
      const least = error(best);
      for (let k = 0; k < 5; k++) {
        const [a, b, c] = [rng.normal(0, 0.01), rng.normal(0, 0.01), rng.normal(0, 0.01)];
        const turned = umeyama([1, 0, 0, 0, 1, 0, 0, 0, 1], [1, c, -b, -c, 1, a, b, -a, 1]).rotation;
        const rotation = best.rotation.map((_, i) =>
          [0, 1, 2].reduce((s, j) => s + best.rotation[3 * Math.floor(i / 3) + j] * turned[3 * j + (i % 3)], 0),
        ) as unknown as typeof best.rotation;
        expect(error({ ...best, rotation })).toBeGreaterThanOrEqual(least - 1e-12);
        expect(error({ ...best, scale: best.scale * (1 + a) })).toBeGreaterThanOrEqual(least - 1e-12);
      }
    }),
    { numRuns: 50 },
  );
});

test("RANSAC finds the similarity among 30 % outliers", () => {
  fc.assert(
    fc.property(
      rotation,
      vector(1),
      fc.double({ min: 0.2, max: 2, noNaN: true }),
      seeds,
      (r, translation, scale, seed) => {
        const rng = new Rng(seed);
        const source = cloud(rng, 60);
        const truth = { scale, rotation: r, translation };
        const target = source.map((p, i): Vector3 => {
          const y = transformBySimilarity(truth, p);
          return i < 18 ? [y[0] + rng.uniform(20, 40), y[1], y[2]] : y;
        });
        const found = umeyamaRansac(source.flat(), target.flat(), indexDraws(rng, 60));
        expect(found).toBeDefined();
        expect(found!.inliers.every((i) => i >= 18)).toBe(true);
        expect(difference(found!.similarity.rotation, r)).toBeLessThan(1e-8);
      },
    ),
    { numRuns: 30 },
  );
});
