import { describe, expect, it } from "vitest";
import { InputError } from "../../src/check";
import type { Pose } from "../../src/geometry/pose";
import { rotationX, rotationY } from "../../src/geometry/rotation";
import { multiply } from "../../src/geometry/vector";
import { markBox } from "../../src/viz/markBox";
import { markMesh } from "../../src/viz/markMesh";
import { markPoints } from "../../src/viz/markPoints";
import { markPoses } from "../../src/viz/markPoses";
import { axisAngleDeg, plotAxisAngles } from "../../src/viz/plotAxisAngles";
import { plotCurves } from "../../src/viz/plotCurves";
import { plotDepth } from "../../src/viz/plotDepth";
import { plotHistogram } from "../../src/viz/plotHistogram";
import { plotImage } from "../../src/viz/plotImage";
import { plotRotationAngles } from "../../src/viz/plotRotationAngles";
import { plotScene } from "../../src/viz/plotScene";
import { plotSlider } from "../../src/viz/plotSlider";
import { plotTrajectory } from "../../src/viz/plotTrajectory";
import { roundNumbers } from "../../src/viz/roundNumbers";

const identity: Pose = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 1] };
const camera = { fx: 100, fy: 100, cx: 9.5, cy: 4.5, width: 20, height: 10 };

/** The numbers of Plotly's typed-array form. */
function unpacked(z: unknown): number[] {
  const bytes = Buffer.from((z as { bdata: string }).bdata, "base64");
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}

describe("marks", () => {
  it("points come flat or as triples, thinned evenly, rounded to four digits", () => {
    const flat = markPoints([1.23456, 2, 3, 4, 5, 6])[0];
    expect(flat).toMatchObject({ type: "scatter3d", x: [1.235, 4], y: [2, 5], z: [3, 6] });
    expect(
      markPoints([
        [1.23456, 2, 3],
        [4, 5, 6],
      ])[0],
    ).toEqual(flat);
    expect(markPoints(new Float64Array(3 * 100), { maxPoints: 30 })[0].x).toHaveLength(25);
  });

  it("points refuse what is not triples, not finite, or has other values", () => {
    expect(() => markPoints([1, 2])).toThrow(/not triples/);
    expect(() => markPoints([1, 2, Number.NaN])).toThrow(InputError);
    expect(() => markPoints([1, 2, 3], { values: [1, 2] })).toThrow(/1 points but 2 values/);
  });

  it("poses end at t + length · column, with gaps between poses", () => {
    const pose: Pose = { rotation: rotationX(Math.PI / 2), translation: [1, 2, 3] };
    const [x, y, z] = markPoses([pose, identity], { length: 0.5 });
    expect(x.x).toEqual([1, 1.5, null, 0, 0.5, null]);
    expect(y.z).toEqual([3, 3.5, null, 1, 1, null]); // a quarter turn about x takes y to z
    expect(z.y).toEqual([2, 1.5, null, 0, 0, null]);
    expect(markPoses(identity, { axes: "y" })).toHaveLength(1);
    expect(() => markPoses([])).toThrow(/no pose/);
  });

  it("a box has twelve edges of its extents", () => {
    const [box] = markBox(identity, [1, 2, 4]);
    const [x, y, z] = [box.x, box.y, box.z] as (number | null)[][];
    const lengths = Array.from({ length: x.length / 3 }, (_, e) =>
      Math.hypot(...[x, y, z].map((axis) => Number(axis[3 * e]) - Number(axis[3 * e + 1]))),
    );
    expect(lengths.sort()).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4]);
  });

  it("a mesh is brighter on the side of the reader", () => {
    const vertices = [0, 0, 0, 1, 0, 0, 0, 1, 0];
    const [back] = markMesh({ vertices, triangles: [0, 1, 2] }); // its normal is +z, away from the camera
    const [front] = markMesh({ vertices, triangles: [0, 2, 1] });
    expect((front.intensity as number[])[0]).toBeGreaterThan((back.intensity as number[])[0]);
    expect(() => markMesh({ vertices, triangles: [0, 1, 3] })).toThrow(/index 3 points beyond the 3 vertices/);
  });
});

describe("figures", () => {
  it("curves keep their numbers; gaps stand for what is not finite", () => {
    const figure = plotCurves([{ name: "a", y: [1, Number.NaN, 3] }], { logY: true });
    expect(figure.data[0]).toMatchObject({ x: [0, 1, 2], y: [1, null, 3] });
    expect(figure.layout).toMatchObject({ yaxis: { type: "log" }, showlegend: false });
    expect(() => plotCurves([{ name: "a", x: [1], y: [1, 2] }])).toThrow(/x has 1 numbers, y has 2/);
  });

  it("a histogram counts the ends of its range and leaves out what lies beyond", () => {
    const figure = plotHistogram({ name: "v", values: [0, 0.5, 1, 2, 9] }, { bins: 2, range: [0, 2] });
    expect(figure.data[0]).toMatchObject({ x: [0.5, 1.5], y: [0.4, 0.4] });
    expect(plotHistogram({ name: "v", values: [3, 3] }, { bins: 1 }).data[0]).toMatchObject({ x: [3], y: [1] });
    expect(() => plotHistogram({ name: "v", values: [] })).toThrow(/no values/);
    expect(() => plotHistogram({ name: "v", values: [1] }, { range: [1, 1] })).toThrow(/range \[1, 1\] is empty/);
  });

  it("the angle about y has the sign of the turn and ignores a tilt", () => {
    for (const degrees of [-170, -90, 0, 30, 179]) {
      const turned = { ...identity, rotation: rotationY((degrees * Math.PI) / 180) };
      expect(axisAngleDeg(turned, identity)).toBeCloseTo(degrees, 10);
    }
    const tilted = { ...identity, rotation: multiply(rotationX(0.2), rotationY(1)) };
    expect(axisAngleDeg(tilted, { ...identity, rotation: rotationX(0.2) })).toBeCloseTo(180 / Math.PI, 10);
    expect(() => plotAxisAngles({ name: "none", poses: [] }, identity)).toThrow(/none has no pose/);
  });

  it("chance makes a density that sums to one", () => {
    const chance = plotRotationAngles({ name: "p", poses: [identity] }, identity, { bins: 180 }).data[1];
    const sum = (chance.y as number[]).reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(1, 3);
  });

  it("depth leaves holes white, crops to the mask and keeps pixel coordinates", () => {
    const depth = new Float32Array(200).fill(0.5);
    depth[0] = 0;
    const mask = new Uint8Array(200);
    mask[4 * 20 + 10] = 1;
    const whole = plotDepth({ camera, depth, mask });
    expect(unpacked(whole.data[0].z).slice(0, 2)).toEqual([Number.NaN, 0.5]);
    const cropped = plotDepth({ camera, depth, mask }, { crop: true, poses: [identity] });
    expect(cropped.data[0]).toMatchObject({ x0: 9, y0: 3, dx: 1, z: { dtype: "f4", shape: "3, 3" } });
    expect(unpacked(cropped.data[0].z)).toEqual(Array(9).fill(0.5));
    expect(cropped.data[2]).toMatchObject({ x: [9.5, 17.5, null], y: [4.5, 4.5, null] }); // fx · 0.08 / 1 = 8 pixels
    expect(() => plotDepth({ camera, depth }, { crop: true })).toThrow(/crop needs a mask/);
    expect(() => plotDepth({ camera, depth: [1] })).toThrow(/10 × 20/);
  });

  it("poses behind the camera are not drawn on an image", () => {
    const behind: Pose = { ...identity, translation: [0, 0, -1] };
    const figure = plotImage(new Uint8Array(600), camera, { poses: [behind] });
    expect(figure.data[0].x).toEqual([]);
    expect((figure.layout.images as { source: string }[])[0].source).toMatch(/^data:image\/png;base64,iVBOR/);
  });

  it("a slider stores only the traces that change", () => {
    const still = { name: "still", y: [1, 2] };
    const steps = [1, 2, 3].map((k) => ({ label: `${k}`, figure: plotCurves([still, { name: "moving", y: [k, k] }]) }));
    const figure = plotSlider(steps, { prefix: "k = " });
    expect(figure.frames?.map(({ traces }) => traces)).toEqual([[1], [1], [1]]);
    expect(figure.data[1]).toMatchObject({ y: [3, 3] });
    expect(plotSlider(steps, { start: "first" }).data[1]).toMatchObject({ y: [1, 1] });
    const other = { label: "other", figure: plotCurves([still]) };
    expect(() => plotSlider([...steps, other])).toThrow(/step other has 1 traces, the first has 2/);
  });

  it("a trajectory ends with its last snapshot and fixes the view on it", () => {
    const snapshots = Array.from({ length: 101 }, (_, i) => ({
      t: 1 - i / 100,
      poses: [{ ...identity, translation: [10 * (1 - i / 100), 0, 1] as const }],
    }));
    const figure = plotTrajectory(snapshots, {
      maxFrames: 11,
      length: 0.1,
      marks: [markPoints([0, 0, 1, 0.1, 0.1, 1])],
    });
    expect(figure.frames).toHaveLength(11);
    expect(figure.data[1].x).toEqual([0, 0.1, null]);
    expect((figure.layout.scene as { xaxis: { range: number[] } }).xaxis.range).toEqual([-0.025, 0.125]);
    expect(() => plotTrajectory([])).toThrow(/no snapshot/);
  });

  it("a scene needs something to draw", () => {
    expect(() => plotScene([])).toThrow(/nothing to draw/);
  });

  it("numbers are rounded to significant digits", () => {
    expect(roundNumbers([1 / 3, 123456, Number.POSITIVE_INFINITY])).toEqual([0.3333, 123500, null]);
  });
});
