import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readParityFile } from "../../src/cli/parity/readParityFile";
import { rgbParity } from "../../src/cli/parity/rgb";
import { runParityFile } from "../../src/cli/parity/runParityFile";
import { meanShift } from "../../src/estimation/meanShift";
import { meanShiftPlusPlus } from "../../src/estimation/meanShiftPlusPlus";
import { Rng } from "../../src/random";

/** Clusters of different sizes around known centres. */
function blobs(seed: number, centers: number[][], counts: number[], deviation: number): Float64Array {
  const rng = new Rng(seed);
  return Float64Array.from(
    centers.flatMap((center, k) =>
      Array.from({ length: counts[k] }, () => center.map((x) => x + rng.normal(0, deviation))).flat(),
    ),
  );
}

/** Mean Shift++ by its definition: every point, every one of the 3^D cells. */
function byDefinition(points: Float64Array, dimension: number, h: number): number[][] {
  let x = Array.from({ length: points.length / dimension }, (_, i) =>
    Array.from(points.subarray(i * dimension, (i + 1) * dimension)),
  );
  for (;;) {
    const cells = x.map((row) => row.map((v) => Math.floor(v / h)));
    const next = x.map((_, i) => {
      const near = x.filter((_, j) => cells[i].every((c, d) => Math.abs(c - cells[j][d]) <= 1));
      return x[0].map((_, d) => near.reduce((sum, row) => sum + row[d], 0) / near.length);
    });
    const move = Math.hypot(...next.flatMap((row, i) => row.map((v, d) => v - x[i][d])));
    x = next;
    if (move <= 1e-4) return x;
  }
}

const centres3 = [
  [0, 0, 0],
  [1, 0, 0],
  [0, -1, 0.5],
];

describe("Mean Shift++", () => {
  it("agrees with the parity file", () => {
    const file = readParityFile(join(__dirname, "../fixtures/parity/meanshiftpp.json"));
    const result = runParityFile(file, rgbParity.meanshiftpp);
    expect(result.failures).toEqual([]);
    expect(result.passed).toBe(file.cases.length);
  });

  it("is its definition, in any dimension (property)", () => {
    fc.assert(
      fc.property(
        fc.nat(9999),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 40 }),
        (seed, dimension, n) => {
          const rng = new Rng(seed);
          const points = rng.normals(n * dimension);
          const h = rng.uniform(0.2, 1.5);
          const { centers, labels, converged } = meanShiftPlusPlus(points, dimension, h);
          expect(converged).toBe(true);
          byDefinition(points, dimension, h).forEach((row, i) => {
            row.forEach((v, d) => {
              expect(centers[labels[i] * dimension + d]).toBeCloseTo(v, 3);
            });
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("knows cells that floor and truncation tell apart", () => {
    // −0.9 and 1.9 lie in the cells −1 and 1 by floor, in 0 and 1 by truncation.
    const points = Float64Array.of(-0.9, 1.9);
    expect(meanShiftPlusPlus(points, 1, 1).counts).toHaveLength(2);
    expect(meanShiftPlusPlus(points, 1, 1, { cells: "truncate" }).counts).toHaveLength(1);
  });

  it("moves with its points: a shift by whole cells shifts the modes (property)", () => {
    fc.assert(
      fc.property(fc.nat(999), fc.integer({ min: -50, max: 50 }), (seed, cells) => {
        const points = new Rng(seed).normals(60);
        const [a, b] = [points, points.map((x) => x + 0.5 * cells)].map((x) => meanShiftPlusPlus(x, 3, 0.5));
        expect([...b.counts]).toEqual([...a.counts]);
        a.centers.forEach((x, i) => {
          expect(b.centers[i]).toBeCloseTo(x + 0.5 * cells, 6);
        });
      }),
      { numRuns: 50 },
    );
  });

  it("takes 50 rotations in less than half a millisecond", () => {
    const rng = new Rng(2);
    const points = blobs(2, [Array.from(rng.normals(6)), Array.from(rng.normals(6))], [35, 15], 0.05);
    for (let k = 0; k < 300; k++) meanShiftPlusPlus(points, 6, 0.3);
    const times = Array.from({ length: 101 }, () => {
      const start = performance.now();
      meanShiftPlusPlus(points, 6, 0.3);
      return performance.now() - start;
    }).sort((a, b) => a - b);
    // The median here is a tenth of that; a busy machine may take its time.
    expect(times[10]).toBeLessThan(0.5);
  });
});

describe.each([
  ["meanShift", meanShift],
  ["meanShiftPlusPlus", meanShiftPlusPlus],
] as const)("%s", (_, search) => {
  it("finds modes that are known, the largest first", () => {
    const points = blobs(1, centres3, [20, 50, 30], 0.03);
    const { centers, counts, labels, converged } = search(points, 3, 0.25);
    expect(converged).toBe(true);
    expect([...counts]).toEqual([50, 30, 20]);
    [1, 2, 0].forEach((k, mode) => {
      centres3[k].forEach((x, d) => {
        expect(Math.abs(centers[3 * mode + d] - x)).toBeLessThan(0.02);
      });
    });
    expect([...labels.subarray(0, 20)]).toEqual(new Array(20).fill(2));
  });

  it("leaves one point alone and does not depend on the order (property)", () => {
    expect([...search([1, 2], 2, 1).centers]).toEqual([1, 2]);
    fc.assert(
      fc.property(fc.nat(999), (seed) => {
        const rng = new Rng(seed);
        const points = blobs(seed, centres3, [5, 9, 7], 0.05);
        const order = rng.permutation(21);
        const mixed = new Float64Array(63);
        order.forEach((from, to) => {
          mixed.set(points.subarray(3 * from, 3 * from + 3), 3 * to);
        });
        const [a, b] = [search(points, 3, 0.3), search(mixed, 3, 0.3)];
        expect([...b.counts]).toEqual([...a.counts]);
        a.centers.forEach((x, i) => {
          expect(b.centers[i]).toBeCloseTo(x, 6);
        });
      }),
      { numRuns: 30 },
    );
  });

  it("says when it was stopped, and what is wrong", () => {
    const points = new Rng(3).normals(300);
    expect(search(points, 1, 0.5, { maxIterations: 1 }).converged).toBe(false);
    expect(() => search([], 3, 1)).toThrow(/no points of dimension 3/);
    expect(() => search([1, 2], 3, 1)).toThrow(/N × dimension/);
    expect(() => search([1, Number.NaN], 2, 1)).toThrow(/finite/);
    expect(() => search([1, 2], 2, 0)).toThrow(/bandwidth is 0/);
  });
});
