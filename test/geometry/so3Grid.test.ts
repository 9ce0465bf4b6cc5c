import { describe, expect, it } from "vitest";
import { healpixCentres } from "../../src/geometry/healpix";
import { geodesicDistance, randomRotation } from "../../src/geometry/so3";
import { expectedAngle, nearestRotation, so3Grid } from "../../src/geometry/so3Grid";
import { dot, type Matrix3, norm } from "../../src/geometry/vector";
import { Rng } from "../../src/random";

describe("HEALPix", () => {
  it.each([1, 2, 3, 4])("nside %i has 12 nside² distinct unit vectors with mean 0 and second moment 1/3", (nside) => {
    const centres = healpixCentres(nside);
    expect(centres).toHaveLength(12 * nside * nside);
    for (const c of centres) expect(norm(c)).toBeCloseTo(1, 12);
    for (const axis of [0, 1, 2] as const) {
      expect(centres.reduce((sum, c) => sum + c[axis], 0) / centres.length).toBeCloseTo(0, 12);
      // Midpoints of cells: the moment is right up to the size of a cell.
      expect(centres.reduce((sum, c) => sum + c[axis] ** 2, 0) / centres.length).toBeCloseTo(1 / 3, nside > 2 ? 2 : 1);
    }
    // A pixel of area 4π/(12 nside²): no two centres closer than half its width.
    const width = Math.sqrt((4 * Math.PI) / centres.length);
    const closest = Math.max(...centres.flatMap((a, i) => centres.slice(0, i).map((b) => dot(a, b))));
    expect(closest).toBeLessThan(Math.cos(width / 2));
  });

  it("refuses a fraction", () => {
    expect(() => healpixCentres(1.5)).toThrow(/nside is 1.5/);
  });
});

describe("grid on SO(3)", () => {
  const rng = new Rng(2);

  it("has 72·8^level rotations, and none is far from it", () => {
    const grids: Matrix3[][] = [so3Grid(0), so3Grid(1)];
    expect(grids.map((grid) => grid.length)).toEqual([72, 576]);
    const farthest = grids.map((grid) =>
      Math.max(
        ...Array.from({ length: 200 }, () => {
          const r = randomRotation(rng);
          return geodesicDistance(grid[nearestRotation(grid, r)], r);
        }),
      ),
    );
    expect(farthest[0]).toBeLessThan(1.1); // 63°
    expect(farthest[1]).toBeLessThan(farthest[0] * 0.62); // half as coarse
  });

  it("cells have like volumes: uniform rotations find each of 72 about equally often", () => {
    const grid = so3Grid(0);
    const counts = new Array<number>(72).fill(0);
    for (let i = 0; i < 7200; i++) counts[nearestRotation(grid, randomRotation(rng))]++;
    expect(Math.min(...counts)).toBeGreaterThan(45);
    expect(Math.max(...counts)).toBeLessThan(175);
  });

  it("the mean angle of a uniform distribution is π/2 + 2/π", () => {
    const grid = so3Grid(1);
    const uniform = new Float64Array(grid.length).fill(1 / grid.length);
    expect(expectedAngle(uniform, grid, [randomRotation(rng)])).toBeCloseTo(Math.PI / 2 + 2 / Math.PI, 2);
    const point = Float64Array.from(grid, (_, i) => (i === 5 ? 1 : 0));
    expect(expectedAngle(point, grid, [randomRotation(rng), grid[5]])).toBeCloseTo(0, 12);
  });

  it("refuses levels, sums and empty lists without sense", () => {
    expect(() => so3Grid(6)).toThrow(/level is 6/);
    expect(() => nearestRotation([], [1, 0, 0, 0, 1, 0, 0, 0, 1])).toThrow(/empty/);
    expect(() => expectedAngle([0.5], so3Grid(0).slice(0, 1), [so3Grid(0)[0]])).toThrow(/sum to 0.5/);
    expect(() => expectedAngle([1], so3Grid(0), [so3Grid(0)[0]])).toThrow(/1 probabilities for 72/);
  });
});
