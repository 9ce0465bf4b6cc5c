import { expect, test } from "vitest";
import { detectorMask } from "../../src/datasets/procedural/detectorMask";
import { proceduralSample } from "../../src/datasets/procedural/proceduralSample";
import { Rng } from "../../src/random";

const side = 80;
/** A disc about the middle. */
const disc = Uint8Array.from({ length: side * side }, (_, i) =>
  Math.hypot((i % side) - 39.5, Math.floor(i / side) - 39.5) < 25 ? 1 : 0,
);

const iou = (a: Uint8Array, b: Uint8Array): number => {
  let [both, either] = [0, 0];
  a.forEach((value, i) => {
    if (value === 1 && b[i] === 1) both++;
    if (value === 1 || b[i] === 1) either++;
  });
  return both / either;
};

const meanIou = (error: number): number => {
  const found = Array.from({ length: 40 }, (_, i) =>
    iou(disc, detectorMask(disc, side, side, error, new Rng(0).split(i))),
  );
  return found.reduce((sum, value) => sum + value / found.length, 0);
};

test("a mask without patches is the disc but for its box and 28 cells; the larger the error, the less they share", () => {
  const [none, some, much] = [0, 0.45, 1.2].map(meanIou);
  expect(none).toBeGreaterThan(0.85);
  expect(none).toBeLessThan(0.97);
  expect(some).toBeLessThan(none - 0.02);
  expect(much).toBeLessThan(some - 0.1);
  expect(much).toBeGreaterThan(0.4);
});

test("the same stream, the same mask; nothing lies far outside of the box", () => {
  const mask = detectorMask(disc, side, side, 0.6, new Rng(0).split(3));
  expect(detectorMask(disc, side, side, 0.6, new Rng(0).split(3))).toEqual(mask);
  expect(detectorMask(disc, side, side, 0.6, new Rng(0).split(4))).not.toEqual(mask);
  // The box reaches from 15 to 65, its sides off by 2.5 pixels (standard deviation).
  mask.forEach((value, i) => {
    if (value === 1) for (const at of [i % side, Math.floor(i / side)]) expect(at > 2 && at < 78).toBe(true);
  });
});

test("a frame of a detector is the same view as the annotated one, with depth wherever its mask is", () => {
  for (let i = 0; i < 6; i++) {
    const [annotated, detected] = [{}, { detectorError: 0.6 }].map((own) =>
      proceduralSample("test", i, { maps: false, ...own }),
    );
    expect(detected.pose).toEqual(annotated.pose);
    expect(detected.camera).toEqual(annotated.camera);
    expect(iou(annotated.mask, detected.mask)).toBeLessThan(0.99);
    let [masked, measured] = [0, 0];
    detected.mask.forEach((value, pixel) => {
      if (value === 1) masked++;
      if (value === 1 && detected.depth[pixel] > 0) measured++;
    });
    expect(measured / masked).toBeGreaterThan(0.5);
  }
});

test("an empty view and a negative error are one sentence", () => {
  const nothing = new Uint8Array(side * side);
  expect(() => detectorMask(nothing, side, side, 0.3, new Rng(0))).toThrow(/nothing of the object is visible/);
  expect(() => detectorMask(disc, side, side, -1, new Rng(0))).toThrow(/the error is -1; give a number from 0/);
});
