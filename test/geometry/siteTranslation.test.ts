import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readParityFile } from "../../src/cli/parity/readParityFile";
import { rgbParity } from "../../src/cli/parity/rgb";
import { runParityFile } from "../../src/cli/parity/runParityFile";
import { dynamicZoomIn, zoomDraws } from "../../src/datasets/crop";
import { siteFrame, zoomWindow } from "../../src/datasets/zoomCrop";
import { allocentricRotation, egocentricRotation, pixelRay, rayRotation } from "../../src/geometry/allocentric";
import { type Camera, project, real275Camera } from "../../src/geometry/camera";
import { poseSizeDimension, poseSizeFromVector, poseSizeVector } from "../../src/geometry/poseSizeVector";
import { rotationY } from "../../src/geometry/rotation";
import { type SiteFrame, siteOfTranslation, translationOfSite } from "../../src/geometry/siteTranslation";
import { geodesicDistance, randomRotation } from "../../src/geometry/so3";
import { apply, determinant, multiply, scale, type Vector3 } from "../../src/geometry/vector";
import { Rng } from "../../src/random";

const image = { width: 640, height: 480 };
const frame: SiteFrame = {
  camera: real275Camera,
  cropCenter: [250, 244],
  boxSize: [171, 63],
  cropSide: 257,
  outSize: 128,
};
const ranged = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const anyTranslation = fc.tuple(ranged(-0.5, 0.5), ranged(-0.5, 0.5), ranged(0.2, 3));
const anyFrame = fc
  .tuple(ranged(0, 640), ranged(0, 480), ranged(5, 400), ranged(5, 400), ranged(10, 640), ranged(16, 512))
  .map(([x, y, w, h, cropSide, outSize]) => ({
    ...frame,
    cropCenter: [x, y] as const,
    boxSize: [w, h] as const,
    cropSide,
    outSize,
  }));

describe("scale-invariant translation", () => {
  it("agrees with the parity file", () => {
    const file = readParityFile(join(__dirname, "../fixtures/parity/site_translation.json"));
    const result = runParityFile(file, rgbParity.site_translation);
    expect(result.failures).toEqual([]);
    expect(result.passed).toBe(file.cases.length);
  });

  it("comes back exactly (property)", () => {
    fc.assert(
      fc.property(anyTranslation, anyFrame, (t, f) => {
        const back = translationOfSite(siteOfTranslation(t as Vector3, f), f);
        back.forEach((value, i) => {
          expect(value).toBeCloseTo(t[i], 9);
        });
      }),
    );
  });

  it("is the same for the same crop, wherever and however large it was in the image (property)", () => {
    // Twice as far away under half the box: the picture that the network sees does not change, nor may SITE.
    fc.assert(
      fc.property(anyTranslation, ranged(0.3, 3), (t, s) => {
        const near = siteOfTranslation(t as Vector3, frame);
        const [u, v] = project(real275Camera, t as Vector3);
        const far = siteOfTranslation(scale(t as Vector3, s), {
          ...frame,
          cropCenter: [u + (frame.cropCenter[0] - u) / s, v + (frame.cropCenter[1] - v) / s],
          boxSize: [frame.boxSize[0] / s, frame.boxSize[1] / s],
          cropSide: frame.cropSide / s,
        });
        far.forEach((value, i) => {
          expect(value).toBeCloseTo(near[i], 9);
        });
      }),
    );
  });

  it("is 0, 0, z for an object in the centre of a crop that keeps its pixels", () => {
    const camera: Camera = { fx: 500, fy: 500, cx: 320, cy: 240, width: 640, height: 480 };
    const box = { x1: 270.5, y1: 200.5, x2: 370.5, y2: 280.5 };
    const window = zoomWindow(box, image);
    expect(window).toEqual({ center: [320.5, 240.5], scale: 150 });
    const site = siteOfTranslation([0, 0, 0.8], siteFrame(camera, box, window, 150));
    expect(site).toEqual([0, 0, 0.8]);
  });

  it("names what is wrong with a frame or a point", () => {
    expect(() => siteOfTranslation([0, 0, -1], frame)).toThrow(/in front of the camera/);
    expect(() => siteOfTranslation([0, 0, 1], { ...frame, cropSide: 0 })).toThrow(/crop side is 0/);
    expect(() => siteOfTranslation([0, 0, 1], { ...frame, cropCenter: [Number.NaN, 0] })).toThrow(/crop centre/);
    expect(() => translationOfSite([0, 0, 1], { ...frame, boxSize: [0, 5] })).toThrow(/box size is 0 × 5/);
    expect(() => translationOfSite([0, Number.NaN, 1], frame)).toThrow(/finite/);
    expect(() => translationOfSite([0, 0, 1], { ...frame, camera: { ...real275Camera, fx: 0 } })).toThrow(/focal/);
  });
});

describe("allocentric rotation", () => {
  const anyRay = fc.tuple(ranged(-1, 1), ranged(-1, 1), ranged(0.1, 2));

  it("turns the optical axis to the ray, by the smallest angle (property)", () => {
    fc.assert(
      fc.property(anyRay, (ray) => {
        const q = rayRotation(ray as Vector3);
        const length = Math.hypot(...ray);
        apply(q, [0, 0, 1]).forEach((value, i) => {
          expect(value).toBeCloseTo(ray[i] / length, 12);
        });
        expect(determinant(q)).toBeCloseTo(1, 12);
        expect(geodesicDistance(q, [1, 0, 0, 0, 1, 0, 0, 0, 1])).toBeCloseTo(Math.acos(ray[2] / length), 6);
      }),
    );
  });

  it("does not change when the camera turns about its own y axis to put the object elsewhere", () => {
    const rotation = randomRotation(new Rng(3));
    const turn = rotationY(0.4);
    const straight = allocentricRotation(rotation, [0, 0, 1]);
    const aside = allocentricRotation(multiply(turn, rotation), apply(turn, [0, 0, 1]));
    expect(geodesicDistance(straight, aside)).toBeLessThan(1e-7);
  });

  it("comes back (property), and refuses rays behind the camera", () => {
    fc.assert(
      fc.property(anyRay, fc.nat(1000), (ray, seed) => {
        const rotation = randomRotation(new Rng(seed));
        const back = egocentricRotation(allocentricRotation(rotation, ray as Vector3), ray as Vector3);
        back.forEach((value, i) => {
          expect(value).toBeCloseTo(rotation[i], 12);
        });
      }),
    );
    expect(() => allocentricRotation(rotationY(1), [0, 0, -1])).toThrow(/in front/);
    expect(pixelRay(real275Camera, [real275Camera.cx, real275Camera.cy])).toEqual([0, 0, 1]);
  });
});

describe("twelve numbers", () => {
  it.each([true, false])("come back as pose and size, allocentric %s (property)", (allocentric) => {
    fc.assert(
      fc.property(fc.nat(1000), anyTranslation, (seed, t) => {
        const rng = new Rng(seed);
        const box = { x1: 100, y1: 80, x2: 100 + rng.uniform(20, 200), y2: 80 + rng.uniform(20, 200) };
        const f = siteFrame(real275Camera, box, dynamicZoomIn(box, image, zoomDraws(rng)), 96);
        const object = {
          rotation: randomRotation(rng),
          translation: t as Vector3,
          size: [rng.uniform(0.01, 0.4), rng.uniform(0.01, 0.4), rng.uniform(0.01, 0.4)] as const,
        };
        const x = poseSizeVector(object, f, { allocentric });
        expect(x.length).toBe(poseSizeDimension);
        const back = poseSizeFromVector([Number.NaN, ...x], f, { allocentric, offset: 1 });
        expect(geodesicDistance(back.rotation, object.rotation)).toBeLessThan(1e-7);
        back.translation.forEach((value, i) => {
          expect(value).toBeCloseTo(t[i], 9);
        });
        expect(back.size).toEqual(object.size);
      }),
    );
  });

  it("refuses what is too short or not finite", () => {
    expect(() => poseSizeFromVector(new Float64Array(11), frame)).toThrow(/needs 12 numbers/);
    const x = [1, 0, 0, 0, 1, 0, 0, 0, 1, Number.NaN, 1, 1];
    expect(() => poseSizeFromVector(x, frame)).toThrow(/finite/);
    const object = { rotation: rotationY(0), translation: [0, 0, 1] as const, size: [Number.NaN, 1, 1] as const };
    expect(() => poseSizeVector(object, frame)).toThrow(/finite/);
  });
});
