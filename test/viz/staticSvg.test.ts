import { JSDOM } from "jsdom";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { encodePng } from "../../src/viz/encodePng";
import type { Figure } from "../../src/viz/figure";
import { markMesh } from "../../src/viz/markMesh";
import { markPoints } from "../../src/viz/markPoints";
import { markPoses } from "../../src/viz/markPoses";
import { plotCurves } from "../../src/viz/plotCurves";
import { plotDepth } from "../../src/viz/plotDepth";
import { plotScene } from "../../src/viz/plotScene";
import { plotSlider } from "../../src/viz/plotSlider";
import { staticSvg } from "../../src/viz/staticSvg";

const parse = (svg: string): Document => new JSDOM(svg, { contentType: "image/svg+xml" }).window.document;
const pose = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 1] } as const;

describe("2-D figures", () => {
  const curves = plotCurves([{ name: "a", y: [1, 3, 2] }], { title: "title", x: "time <s>", y: "σ & more" });

  it("have their curve, title and axis titles", () => {
    const svg = parse(staticSvg(curves));
    const texts = [...svg.querySelectorAll("text")].map((text) => text.textContent);
    expect(texts).toEqual(expect.arrayContaining(["title", "time <s>", "σ & more"]));
    expect(svg.querySelectorAll("path.js-line")).toHaveLength(1);
  });

  it("are the same bytes each time, and differ in their names from other figures", () => {
    const svg = staticSvg(curves);
    expect(staticSvg(plotCurves([{ name: "b", y: [1] }]))).not.toContain(/id="(clip\w+xyplot)"/.exec(svg)?.[1]);
    expect(staticSvg(curves)).toBe(svg);
  });

  it("draw a slider's picture without its controls", () => {
    const svg = staticSvg(plotSlider([{ label: "1", figure: curves }]));
    expect(svg).not.toContain("slider");
    expect(parse(svg).documentElement.getAttribute("height")).toBe("420");
  });

  it("draw depth in its colours: near bright, far dark, holes transparent", async () => {
    const camera = { fx: 1, fy: 1, cx: 0, cy: 0, width: 3, height: 1 };
    const svg = staticSvg(plotDepth({ camera, depth: [0.5, 0, 1] }));
    const href = /data:image\/png;base64,([\w+/=]+)/.exec(svg)?.[1] ?? "";
    const { data, info } = await sharp(Buffer.from(href, "base64")).raw().toBuffer({ resolveWithObject: true });
    const at = (share: number): number[] => {
      const pixel = Math.floor(info.height / 2) * info.width + Math.floor(share * info.width);
      return [...data.subarray(4 * pixel, 4 * pixel + 4)];
    };
    expect(at(1 / 6)).toEqual([0xfe, 0xe8, 0x38, 255]);
    expect(at(0.5)[3]).toBe(0);
    expect(at(5 / 6)).toEqual([0x00, 0x22, 0x4e, 255]);
  });

  it("refuse traces that can't be drawn", () => {
    const figure: Figure = { data: [{ type: "sunburst" }], layout: {} };
    expect(() => staticSvg(figure)).toThrow(/can't draw a trace of type sunburst/);
  });
});

describe("3-D figures", () => {
  it("are seen from the camera: x to the right, y down, what is farther away behind", () => {
    const svg = staticSvg(plotScene([markPoses(pose, { length: 1 })]));
    const [x, y] = [...parse(svg).querySelectorAll("path[fill=none]")].map((path) =>
      (path.getAttribute("d")?.match(/-?[\d.]+/g) ?? []).map(Number),
    );
    expect(x[2] - x[0]).toBeGreaterThan(Math.abs(x[3] - x[1]));
    expect(y[3] - y[1]).toBeGreaterThan(Math.abs(y[2] - y[0]));
  });

  it("have points as dots, triangles from far to near, a scale bar and an escaped title", () => {
    const mesh = { vertices: [0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 0, 3, 1, 0, 3, 0, 1, 3], triangles: [0, 1, 2, 3, 4, 5] };
    const svg = staticSvg(plotScene([markPoints([0, 0, 0, 1, 1, 1]), markMesh(mesh)], { title: "<b>" }));
    const document = parse(svg);
    expect(svg).toContain("&#60;b&#62;");
    expect(document.querySelectorAll("path[d$=Z]")).toHaveLength(2);
    expect(document.querySelector("path[d*=h0]")?.getAttribute("d")?.match(/h0/g)).toHaveLength(2);
    expect([...document.querySelectorAll("text")].map((text) => text.textContent)).toContain("50 cm");
  });

  it("survive a single point", () => {
    expect(staticSvg(plotScene([markPoints([1, 2, 3])]))).not.toContain("NaN");
  });
});

describe("encodePng", () => {
  it("is read back by another decoder", async () => {
    const pixels = Uint8Array.from({ length: 5 * 3 * 4 }, (_, i) => (i * 37) % 256);
    const { data, info } = await sharp(encodePng(pixels, 5, 3, 4))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([5, 3, 4]);
    expect([...data]).toEqual([...pixels]);
    expect(() => encodePng(pixels, 5, 4, 4)).toThrow(/4 × 5 × 4 = 80/);
  });
});
