import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { filesParity } from "../../src/cli/parity/files";
import { readParityFile } from "../../src/cli/parity/readParityFile";
import { runParityFile } from "../../src/cli/parity/runParityFile";
import {
  backProjectCrop,
  boxOfMask,
  boxWindow,
  cropNearest,
  dynamicZoomIn,
  nocsSquareWindow,
  zoomDraws,
} from "../../src/datasets/crop";
import { backProjectMask } from "../../src/geometry/pointcloud";
import { Rng } from "../../src/random";

const image = { width: 640, height: 480 };
const anyBox = fc
  .tuple(fc.nat(600), fc.nat(440), fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 440 }))
  .map(([x1, y1, w, h]) => ({ x1, y1, x2: Math.min(x1 + w, 640), y2: Math.min(y1 + h, 480) }));

describe("crops", () => {
  it.each(Object.keys(filesParity))("agrees with the parity file %s", (component) => {
    const file = readParityFile(join(__dirname, "../fixtures/parity", `${component}.json`));
    const result = runParityFile(file, filesParity[component]);
    expect(result.failures).toEqual([]);
    expect(result.passed).toBe(file.cases.length);
  });

  it("keeps the NOCS window inside the image, a multiple of 40 and around the box where it fits (property)", () => {
    fc.assert(
      fc.property(anyBox, (box) => {
        const window = nocsSquareWindow(box, image);
        const side = window.x2 - window.x1;
        expect(window.y2 - window.y1).toBe(side);
        expect(side % 40).toBe(0);
        expect(window.x1 >= 0 && window.y1 >= 0 && window.x2 <= 640 && window.y2 <= 480).toBe(true);
        if (Math.max(box.x2 - box.x1, box.y2 - box.y1) < 440)
          expect(window.x1 <= box.x1 && window.x2 >= box.x2 && window.y1 <= box.y1 && window.y2 >= box.y2).toBe(true);
      }),
    );
  });

  it("zooms within ± 25 % around 1.5 times the box and never beyond the image (property)", () => {
    fc.assert(
      fc.property(anyBox, fc.nat(), (box, seed) => {
        const { scale } = dynamicZoomIn(box, image, zoomDraws(new Rng(seed)));
        const side = Math.max(box.x2 - box.x1, box.y2 - box.y1);
        expect(scale).toBeLessThanOrEqual(640);
        expect(scale).toBeGreaterThanOrEqual(Math.min(640, side * 1.5 * 0.75));
        expect(scale).toBeLessThanOrEqual(side * 1.5 * 1.25);
      }),
    );
  });

  it("copies a window of its own size pixel by pixel and fills 0 outside", () => {
    const values = Uint16Array.from({ length: 12 }, (_, i) => i + 1); // 3 rows of 4
    const size = { width: 4, height: 3 };
    expect(Array.from(cropNearest(values, size, { center: [1, 1], scale: 2 }, 2))).toEqual([1, 2, 5, 6]);
    expect(Array.from(cropNearest(values, size, { center: [0, 0], scale: 2 }, 2))).toEqual([0, 0, 0, 1]);
  });

  it("back-projects a crop to the points of the whole image", () => {
    const camera = { fx: 50, fy: 60, cx: 15.5, cy: 12.25, width: 32, height: 24 };
    const depth = Float32Array.from({ length: 768 }, (_, i) => (i % 7 === 0 ? 0 : 1 + (i % 13) / 10));
    const mask = Uint8Array.from({ length: 768 }, (_, i) => Number(i % 32 >= 8 && i % 32 < 24 && i >= 128 && i < 640));
    const x = Float32Array.from(depth, (_, i) => i % 32);
    const y = Float32Array.from(depth, (_, i) => Math.floor(i / 32));
    const window = boxWindow(boxOfMask(mask, camera), camera);
    const crop = <T extends Uint8Array | Float32Array>(map: T): T => cropNearest(map, camera, window, 16);
    expect(backProjectCrop(crop(depth), crop(mask), crop(x), crop(y), camera)).toEqual(
      backProjectMask(depth, mask, camera),
    );
  });

  it("says what is wrong with an empty mask and a box without area", () => {
    expect(() => boxOfMask(new Uint8Array(12), { width: 4, height: 3 })).toThrow("the mask is empty");
    expect(() => boxWindow({ x1: 3, y1: 1, x2: 3, y2: 5 }, image)).toThrow("has no area");
    expect(() => nocsSquareWindow({ x1: 0, y1: 0, x2: 50, y2: 50 }, { width: 60, height: 60 })).toThrow("exceeds");
  });
});
