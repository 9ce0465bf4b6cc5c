import { describe, expect, test } from "vitest";
import { templateSimilarity } from "../../src/estimation/templateSimilarity";
import { encodeTemplates, joinTemplates, templateIndex } from "../../src/models/templateIndex";
import { Rng } from "../../src/random";

/** T random maps and masks, and a query like the second. */
function scene(grid: number, channels: number, count: number) {
  const rng = new Rng(grid * channels);
  const area = grid * grid;
  const maps = Float32Array.from(rng.normals(count * area * channels));
  const masks = Uint8Array.from({ length: count * area }, () => Number(rng.uniform() > 0.5));
  masks.fill(0, 0, area);
  const second = maps.subarray(area * channels, 2 * area * channels);
  const query = second.map((value) => value + rng.normal(0, 0.7));
  const exact = (threshold: number): number[] =>
    Array.from({ length: count }, (_, t) =>
      templateSimilarity(
        query,
        maps.subarray(t * area * channels, (t + 1) * area * channels),
        masks.subarray(t * area, (t + 1) * area),
        { threshold },
      ),
    );
  return { maps, masks, query, exact };
}

describe("the search among templates", () => {
  test.each([
    [4, 16, 5],
    [6, 40, 9],
    [8, 20, 3],
  ])("%i² maps of %i channels: as templateSimilarity, to within the rounding to bytes", (grid, channels, count) => {
    const { maps, masks, query, exact } = scene(grid, channels, count);
    const codes = encodeTemplates(maps, masks, { grid, channels });
    const index = templateIndex(joinTemplates([codes, codes]));
    expect(index.count).toBe(2 * count);
    for (const [threshold, tolerance] of [
      [0.2, 0.015], // a cosine that the rounding moves over the threshold counts for 0.2 of a cell
      [-1, 0.003],
    ]) {
      const found = index.search(query, { threshold });
      exact(threshold).forEach((similarity, t) => {
        expect(Math.abs(found[t] - similarity)).toBeLessThan(tolerance);
        expect(found[count + t]).toBe(found[t]);
      });
    }
    const found = index.search(query);
    expect(found[0]).toBe(0); // an empty mask
    expect(found[1]).toBe(Math.max(...found));
  });

  test("numbers that are no bytes: as templateSimilarity, to the last digits of float32", () => {
    const { maps, masks, query, exact } = scene(6, 20, 5);
    const codes = encodeTemplates(maps, masks, { grid: 6, channels: 20, precision: "float" });
    const index = templateIndex(joinTemplates([codes, codes]));
    expect(index.bytes).toBeGreaterThan(
      3 * templateIndex(encodeTemplates(maps, masks, { grid: 6, channels: 20 })).bytes,
    );
    const found = index.search(query);
    exact(0.2).forEach((similarity, t) => {
      expect(found[5 + t]).toBeCloseTo(similarity, 5);
    });
    expect(() => index.search([1, 2, 3])).toThrow("use the backbone of the templates");
    expect(() => joinTemplates([codes, encodeTemplates(maps, masks, { grid: 6, channels: 20 })])).toThrow("precision");
  });

  test("features of norm 0 are like nothing", () => {
    const codes = encodeTemplates(new Float32Array(16), new Uint8Array(4).fill(1), { grid: 2, channels: 4 });
    const index = templateIndex(codes);
    expect([...index.search(new Float32Array(16))]).toEqual([0]);
    expect([...index.search(new Float32Array(16).fill(1))]).toEqual([0]);
  });

  test("says what does not fit", () => {
    expect(() => encodeTemplates([1, 2], new Uint8Array(4), { grid: 2, channels: 1 })).toThrow("1 × 2 × 2 × 1");
    expect(() => encodeTemplates([1], new Uint8Array(3), { grid: 2, channels: 1 })).toThrow("a mask for each template");
    expect(() => joinTemplates([])).toThrow("nothing to join");
    const codes = encodeTemplates(new Float32Array(16), new Uint8Array(4).fill(1), { grid: 2, channels: 4 });
    expect(() => templateIndex(codes).search(new Float32Array(4 * 17))).toThrow("use the backbone of the templates");
    const other = encodeTemplates(new Float32Array(9), new Uint8Array(9).fill(1), { grid: 3, channels: 1 });
    expect(() => joinTemplates([codes, other])).toThrow("maps of different sizes");
  });
});
