import fc from "fast-check";
import { expect, test } from "vitest";
import { boxIntersectionVolume, boxIou, boxVolume, type OrientedBox } from "../../src/geometry/box";
import { compose, invert, transformPoint } from "../../src/geometry/pose";
import { identity3, type Vector3 } from "../../src/geometry/vector";
import { catreIou3d, orientedIou3d } from "../../src/metrics/iou3d";
import { Rng } from "../../src/random";
import { box, pose } from "./arbitraries";

const moved = (by: { rotation: OrientedBox["rotation"]; translation: Vector3 }, b: OrientedBox): OrientedBox => ({
  ...compose(by, b),
  size: b.size,
});

const aligned = (b: OrientedBox): OrientedBox => ({ ...b, rotation: identity3 });

/** Π of the overlaps of the intervals, from the formula. */
const analytic = (a: OrientedBox, b: OrientedBox): number =>
  [0, 1, 2].reduce((product, i) => {
    const high = Math.min(a.translation[i] + a.size[i] / 2, b.translation[i] + b.size[i] / 2);
    const low = Math.max(a.translation[i] - a.size[i] / 2, b.translation[i] - b.size[i] / 2);
    return product * Math.max(0, high - low);
  }, 1);

test("IoU is symmetric and lies in [0, 1]", () => {
  fc.assert(
    fc.property(box, box, (a, b) => {
      const iou = boxIou(a, b);
      expect(iou).toBeGreaterThanOrEqual(0);
      expect(iou).toBeLessThanOrEqual(1);
      expect(Math.abs(iou - boxIou(b, a))).toBeLessThan(1e-13);
    }),
  );
});

test("IoU of a box with itself is 1, from whatever side", () => {
  fc.assert(
    fc.property(box, pose, (a, g) => {
      expect(boxIou(a, a)).toBeCloseTo(1, 13);
      expect(boxIou(a, moved(invert(g), moved(g, a)))).toBeCloseTo(1, 12);
    }),
  );
});

test("a common rigid motion changes nothing", () => {
  fc.assert(
    fc.property(box, box, pose, (a, b, g) => {
      const before = boxIntersectionVolume(a, b);
      expect(Math.abs(boxIntersectionVolume(moved(g, a), moved(g, b)) - before)).toBeLessThan(1e-13);
    }),
  );
});

test("axis-aligned boxes: the product of the overlaps, and CATRE's IoU", () => {
  fc.assert(
    fc.property(box, box, pose, (a, b, g) => {
      const [p, q] = [aligned(a), aligned(b)];
      expect(Math.abs(boxIntersectionVolume(p, q) - analytic(p, q))).toBeLessThan(1e-14);
      expect(boxIou(p, q)).toBeCloseTo(catreIou3d(p, q, false), 13);
      expect(Math.abs(boxIntersectionVolume(moved(g, p), moved(g, q)) - analytic(p, q))).toBeLessThan(1e-13);
    }),
  );
});

test("a box inside the other: the volume of the inner one", () => {
  fc.assert(
    fc.property(box, box, (a, b) => {
      const inner: OrientedBox = { ...a, translation: b.translation, size: [0.02, 0.01, 0.02] };
      expect(boxIntersectionVolume(inner, b) / boxVolume(inner)).toBeCloseTo(1, 12);
    }),
  );
});

test("touching faces and shared edges, disturbed by rounding, stay continuous", () => {
  const tiny = fc.double({ min: -17, max: -3, noNaN: true }).map((e) => 10 ** e);
  fc.assert(
    fc.property(box, pose, tiny, fc.constantFrom(0, 1, 2), (a, g, gap, axis) => {
      const shifted = a.size.map((s, i) => (i === axis ? s / 2 + gap : 0)) as unknown as Vector3;
      const half = moved({ rotation: identity3, translation: shifted }, aligned({ ...a, translation: [0, 0, 0] }));
      const whole = aligned({ ...a, translation: [0, 0, 0] });
      const expected = (boxVolume(a) * (a.size[axis] / 2 - gap)) / a.size[axis];
      expect(Math.abs(boxIntersectionVolume(moved(g, half), moved(g, whole)) - expected)).toBeLessThan(1e-13);
    }),
  );
});

test("Monte Carlo: the part of A's points that lies in B", () => {
  const rng = new Rng(11);
  fc.assert(
    fc.property(box, box, (a, b) => {
      const n = 20000;
      const toB = invert(b);
      let inside = 0;
      for (let i = 0; i < n; i++) {
        const local = a.size.map((s) => s * rng.uniform(-0.5, 0.5)) as unknown as Vector3;
        const p = transformPoint(toB, transformPoint(a, local));
        if (p.every((x, k) => Math.abs(x) <= b.size[k] / 2)) inside++;
      }
      const part = boxIntersectionVolume(a, b) / boxVolume(a);
      const deviation = Math.sqrt((part * (1 - part)) / n);
      expect(Math.abs(inside / n - part)).toBeLessThan(5 * deviation + 1e-3);
    }),
    { numRuns: 40 },
  );
});

test("where symmetric: at least the IoU as it stands, and no turn of the prediction changes it", () => {
  fc.assert(
    fc.property(box, box, fc.double({ min: 0, max: 7, noNaN: true }), (a, b, angle) => {
      const best = orientedIou3d(a, b, true);
      expect(best).toBeGreaterThanOrEqual(boxIou(a, b) - 1e-12);
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      const turned = {
        ...compose(a, { rotation: [c, 0, s, 0, 1, 0, -s, 0, c], translation: [0, 0, 0] }),
        size: a.size,
      };
      // The search ends 0.004° from the maximum; between two maxima of equal height it may take either.
      expect(Math.abs(orientedIou3d(turned, b, true) - best)).toBeLessThan(5e-3);
    }),
    { numRuns: 50 },
  );
});
