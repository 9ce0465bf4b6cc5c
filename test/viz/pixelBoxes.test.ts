import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { project } from "../../src/geometry/camera";
import { pixelAxes } from "../../src/viz/pixelAxes";
import { pixelBoxes } from "../../src/viz/pixelBoxes";
import { plotDepth } from "../../src/viz/plotDepth";
import { plotImage } from "../../src/viz/plotImage";

const camera = { fx: 100, fy: 100, cx: 9.5, cy: 4.5, width: 20, height: 10 };
const box = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 1], size: [0.1, 0.04, 0.2] } as const;

describe("boxes on an image", () => {
  it("are twelve projected edges, one trace a set", () => {
    const [one, two] = pixelBoxes(
      [
        { name: "one", boxes: [box] },
        { name: "two", boxes: [box, box], color: "#ffffff" },
      ],
      camera,
    );
    expect(one.x).toHaveLength(36);
    expect(two.x).toHaveLength(72);
    const near = project(camera, [0.05, 0.02, 0.9]);
    const at = (one.x as number[]).findIndex(
      (u, i) => Math.abs(u - near[0]) < 0.01 && Math.abs((one.y as number[])[i] - near[1]) < 0.01,
    );
    expect(at).toBeGreaterThanOrEqual(0);
    expect(two.line).toMatchObject({ color: "#ffffff" });
  });

  it("leave out what is not wholly in front of the camera, and refuse NaN", () => {
    const behind = { ...box, translation: [0, 0, 0.05] as const };
    expect(pixelBoxes([{ name: "behind", boxes: [behind] }], camera)[0].x).toEqual([]);
    expect(() => pixelBoxes([{ name: "bad", boxes: [{ ...box, size: [Number.NaN, 1, 1] }] }], camera)).toThrow(
      /pixelBoxes bad/,
    );
  });

  it("lie below the axes, on images and on depth", () => {
    const boxes = [{ name: "estimates", boxes: [box] }];
    const names = (data: readonly Record<string, unknown>[]): unknown[] => data.map(({ name }) => name);
    const image = plotImage(new Uint8Array(600), camera, { poses: [box], boxes });
    expect(names(image.data)).toEqual(["estimates", "x axis", "y axis", "z axis"]);
    const depth = plotDepth({ camera, depth: new Float32Array(200).fill(1) }, { poses: [box], boxes });
    expect(names(depth.data)).toEqual(["depth", "estimates", "x axis", "y axis", "z axis"]);
    expect(pixelAxes([box], camera, 0.1, { width: 1, opacity: 0.5 })[0]).toMatchObject({
      line: { width: 1 },
      opacity: 0.5,
    });
  });
});

describe("a crop of an image", () => {
  it("shows the mask's window with its own pixels", async () => {
    const rgb = Uint8Array.from({ length: 600 }, (_, i) => Math.floor(i / 3) % 200); // every pixel its index
    const mask = Uint8Array.from({ length: 200 }, (_, i) => (i === 4 * 20 + 8 || i === 5 * 20 + 9 ? 1 : 0));
    const { layout } = plotImage(rgb, camera, { mask, crop: true });
    const [picture] = layout.images as { source: string; x: number; y: number; sizex: number; sizey: number }[];
    expect(picture).toMatchObject({ x: 6.5, y: 2.5, sizex: 4, sizey: 4 });
    const raw = await sharp(Buffer.from(picture.source.split(",")[1], "base64"))
      .removeAlpha()
      .raw()
      .toBuffer();
    expect(raw[0]).toBe(3 * 20 + 7);
    expect(raw[raw.length - 1]).toBe(6 * 20 + 10);
  });

  it("needs a mask of the image's size", () => {
    expect(() => plotImage(new Uint8Array(600), camera, { crop: true })).toThrow(/plotImage: crop needs a mask/);
    expect(() => plotImage(new Uint8Array(600), camera, { mask: [1] })).toThrow(/plotImage mask/);
  });
});
