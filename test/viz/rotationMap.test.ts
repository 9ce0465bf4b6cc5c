import { describe, expect, it } from "vitest";
import { rotationX, rotationY } from "../../src/geometry/rotation";
import { multiply } from "../../src/geometry/vector";
import { plotBands } from "../../src/viz/plotBands";
import { plotRotationMap } from "../../src/viz/plotRotationMap";
import { staticSvg } from "../../src/viz/staticSvg";

const truth = { rotation: rotationX(0.3), translation: [0, 0, 1] as const };
const turned = (angle: number) => ({ ...truth, rotation: multiply(truth.rotation, rotationY(angle)) });

describe("map of rotations", () => {
  it("puts the truth in the middle and turns about y on the equator", () => {
    const { data } = plotRotationMap({ name: "set", poses: [truth, turned(Math.PI / 2)] }, truth);
    const dots = data.find(({ name }) => name === "set");
    expect(dots?.x).toEqual([0, Number(Math.SQRT2.toPrecision(4))]);
    expect(dots?.y).toEqual([expect.closeTo(0, 9), expect.closeTo(0, 9)]);
    expect(dots?.customdata).toEqual([
      [0, expect.closeTo(0, 9), 0],
      [90, expect.closeTo(0, 9), 0],
    ]);
    expect(data.filter(({ name }) => name === "truth").map((t) => [t.x, t.y])).toEqual([
      [[0], [0]],
      [[0], [0]],
    ]);
  });

  it("draws orbit and modes, and a mode at ±180° on both edges", () => {
    const { data } = plotRotationMap({ name: "set", poses: [truth] }, truth, {
      symmetryAxis: [0, 1, 0],
      modes: [rotationY(Math.PI)],
    });
    const line = (trace: string): { x: number[]; y: number[] } =>
      data.find(({ name }) => name === trace) as unknown as { x: number[]; y: number[] };
    expect(line("orbit of the symmetry").x).toHaveLength(361);
    expect(line("orbit of the symmetry").y.every((y) => Math.abs(y) < 1e-9)).toBe(true);
    expect(line("mode").x.map(Math.abs)).toEqual([2.828, 2.828]);
  });

  it("gives each set a map, as SVG too", () => {
    const sets = ["none", "constant", "linear", "exponential"].map((name, i) => ({ name, poses: [turned(i)] }));
    const figure = plotRotationMap(sets, truth);
    expect(figure.data.filter(({ name }) => name === "map")).toHaveLength(4);
    const svg = staticSvg(figure);
    for (const { name } of sets) expect(svg).toContain(`>${name}<`);
    expect(svg).toContain("roll (°)");
  });

  it("refuses an empty set", () => {
    expect(() => plotRotationMap({ name: "none", poses: [] }, truth)).toThrow(/the set none has no pose/);
    expect(() => plotRotationMap([], truth)).toThrow(/no set/);
  });
});

describe("bands", () => {
  const runs = [
    [1, 2, 3],
    [3, 4, Number.NaN],
    [2, 6, Number.NaN],
  ];

  it("draw the mean and the range of the finite runs", () => {
    const [area, line] = plotBands([{ name: "a", x: [10, 20, 30], runs }]).data;
    expect(line).toMatchObject({ name: "a", x: [10, 20, 30], y: [2, 4, 3], legendgroup: "a" });
    expect(area).toMatchObject({
      x: [10, 20, 30, 30, 20, 10],
      y: [1, 2, 3, 3, 6, 3],
      fill: "toself",
      showlegend: false,
    });
  });

  it("draw median and quantiles, gaps, log and reversed axes", () => {
    const gap = runs.map(([a, , c]) => [a, Number.NaN, c]);
    const figure = plotBands([{ name: "a", runs: gap }], {
      center: "median",
      band: [0.25, 0.75],
      logY: true,
      reverseX: true,
    });
    expect(figure.data).toHaveLength(3);
    expect(figure.data[0]).toMatchObject({ x: [0, 0], y: [1.5, 2.5] });
    expect(figure.data[2]).toMatchObject({ y: [2, null, 3] });
    expect(figure.layout).toMatchObject({ xaxis: { autorange: "reversed" }, yaxis: { type: "log" } });
  });

  it("refuse runs of other lengths and quantiles in the wrong order", () => {
    expect(() => plotBands([])).toThrow(/no quantity/);
    expect(() => plotBands([{ name: "a", runs: [] }])).toThrow(/no run/);
    expect(() => plotBands([{ name: "a", x: [1], runs: [[1, 2]] }])).toThrow(/run 0 has 2 numbers, x has 1/);
    expect(() => plotBands([{ name: "a", runs }], { band: [0.9, 0.1] })).toThrow(/quantile/);
  });
});
