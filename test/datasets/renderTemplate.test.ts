import { describe, expect, test } from "vitest";
import { renderTemplate } from "../../src/datasets/renderTemplate";
import { lookAtRotation } from "../../src/geometry/viewpoint";

/** A square of 0.1 m in the y–z plane, red above z = 0 … blue below by its corners. */
const square = {
  vertices: Float64Array.from([0, -0.05, -0.05, 0, 0.05, -0.05, 0, 0.05, 0.05, 0, -0.05, 0.05]),
  triangles: Uint32Array.from([0, 1, 2, 0, 2, 3]),
  colors: Uint8Array.from([0, 0, 255, 0, 0, 255, 255, 0, 0, 255, 0, 0]),
};

describe("a rendered template", () => {
  const { rgb, mask } = renderTemplate(square, lookAtRotation([1, 0, 0]), { size: 40, background: [9, 9, 9] });
  const at = (x: number, y: number): number[] => [...rgb.subarray(3 * (40 * y + x), 3 * (40 * y + x) + 3)];

  test("shows 0.2 m over its side: half of each side is the square", () => {
    const rows = Array.from({ length: 40 }, (_, y) => mask.subarray(40 * y, 40 * y + 40).reduce((a, b) => a + b, 0));
    expect(rows.filter((count) => count > 0).length).toBeCloseTo(20, -0.5);
    expect(Math.max(...rows)).toBeGreaterThanOrEqual(19);
    expect(Math.max(...rows)).toBeLessThanOrEqual(21);
    expect(at(2, 2)).toEqual([9, 9, 9]);
  });

  test("has the object's axis upwards, colours between the corners' and full light head on", () => {
    const [above, below] = [at(20, 13), at(20, 27)];
    expect(above[0]).toBeGreaterThan(180);
    expect(below[2]).toBeGreaterThan(180);
    const [red, , blue] = at(20, 20);
    expect(Math.abs(red - blue)).toBeLessThan(20);
    expect(red + blue).toBeGreaterThan(240);
  });

  test("says what it cannot render", () => {
    expect(() => renderTemplate(square, lookAtRotation([1, 0, 0]), { size: 0 })).toThrow("must be positive");
  });
});
