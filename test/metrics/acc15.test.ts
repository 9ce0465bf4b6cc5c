import { describe, expect, test } from "vitest";
import { projectiveTranslation } from "../../src/estimation/projectiveTranslation";
import { templateSimilarity } from "../../src/estimation/templateSimilarity";
import { acc15, type ViewMatch, viewErrorDeg } from "../../src/metrics/acc15";

const match = (angleDeg: number, more: Partial<ViewMatch> = {}): ViewMatch => ({
  object: 1,
  foundObject: 1,
  direction: [1, 0, 0],
  foundDirection: [Math.cos((angleDeg * Math.PI) / 180), Math.sin((angleDeg * Math.PI) / 180), 0],
  symmetric: false,
  ...more,
});

describe("Acc15", () => {
  test("wants view and class", () => {
    const score = acc15([match(14), match(16), match(3, { foundObject: 2 }), match(0, { object: 2, foundObject: 2 })]);
    expect([score.view, score.class, score.viewAndClass]).toEqual([0.75, 0.75, 0.5]);
    expect(score.byObject[1].count).toBe(3);
    expect(() => acc15([])).toThrow("there are no matches");
  });

  test("a symmetric object: the smaller error is meant, 0 is published", () => {
    expect(viewErrorDeg(match(170, { symmetric: true }))).toBeCloseTo(10, 9);
    expect(viewErrorDeg(match(90, { symmetric: true }))).toBeCloseTo(90, 9);
    expect(viewErrorDeg(match(90, { symmetric: true }), { symmetric: "published" })).toBe(0);
  });
});

describe("template similarity", () => {
  test("by hand: two cells, one alike, one below the threshold", () => {
    const query = [1, 0, 0.1, 1];
    const template = [2, 0, 1, 0];
    expect(templateSimilarity(query, template, [1, 1])).toBeCloseTo(0.5, 9);
    expect(templateSimilarity(query, template, [1, 1], { threshold: -1 })).toBeCloseTo(
      (1 + 0.1 / Math.sqrt(1.01)) / 2,
      9,
    );
    expect(templateSimilarity(query, template, [1, 0])).toBeCloseTo(1, 9);
    expect(templateSimilarity(query, template, [0, 0])).toBe(0);
    expect(() => templateSimilarity(query, [1], [1, 1])).toThrow("expected 4");
    expect(() => templateSimilarity([1, 2, 3], [1, 2, 3], [1, 1])).toThrow("no feature map of 2 cells");
  });
});

describe("projective distance", () => {
  const camera = { fx: 500, fy: 500, cx: 320, cy: 240 };
  test("half the size is twice as far", () => {
    const template = { box: [300, 220, 340, 260] as const, camera, distance: 0.4 };
    const [x, y, z] = projectiveTranslation(template, { box: [330, 230, 350, 250], camera });
    expect([x, y, z]).toEqual([expect.closeTo((20 * 0.8) / 500), expect.closeTo(0), expect.closeTo(0.8)]);
    expect(() => projectiveTranslation(template, { box: [3, 3, 3, 3], camera })).toThrow("boxes with an extent");
  });
});
