import { describe, expect, test } from "vitest";
import { armRows } from "../../../src/papers/experiments/armRows";
import { plotArmCurves, withoutFirst } from "../../../src/papers/experiments/plotArmCurves";

/** Two seeds of one arm and one of another; the percentage is 100·seed + step + threshold. */
const curveOf = (seed: number) => {
  const step = [0, 100, 200, 300];
  const rows = step.map((s) => [0, 1, 2, 3].map((threshold) => 100 * seed + s + threshold));
  return { step, guided: rows, regression: rows.map((row) => row.map((value) => -value)) };
};
const result = { parts: { "a, seed 0": curveOf(0), "a, seed 1": curveOf(1), "b, seed 0": curveOf(0) } };

describe("withoutFirst", () => {
  test("begins anew after the skipped steps", () => {
    const arm = { name: "a", x: [0, 100, 200, 300], runs: [[1, 2, 3, 4]] };
    expect(withoutFirst(arm, 100)).toEqual({ name: "a", x: [100, 200], runs: [[3, 4]] });
  });
});

describe("plotArmCurves", () => {
  test("has one step a threshold and rests at 10°5cm, arms without their pre-training", () => {
    const figure = plotArmCurves(result, { skip: (arm) => (arm === "a" ? 200 : 0), title: "both" });
    const [slider] = figure.layout.sliders as { active: number; steps: { label: string }[] }[];
    expect(slider.steps.map(({ label }) => label)).toEqual(["5°2cm", "5°5cm", "10°2cm", "10°5cm"]);
    expect(slider.active).toBe(3);
    const lines = figure.data.filter(({ name }) => name === "a" || name === "b");
    expect(lines.map(({ x, y }) => [x, y])).toEqual([
      [[100], [353]],
      [
        [100, 200, 300],
        [103, 203, 303],
      ],
    ]);
  });

  test("draws the regression head where it is asked for", () => {
    const figure = plotArmCurves(result, { head: "regression" });
    expect(figure.data.find(({ name }) => name === "b")?.y).toEqual([-103, -203, -303]);
  });
});

describe("armRows", () => {
  test("tells the ends with their spread, and the mean on the way", () => {
    const [a, b] = armRows(result, { skip: () => 100 });
    expect(a).toEqual({
      arm: "a",
      seeds: 2,
      "5°2cm": "350.0 (300.0 … 400.0)",
      "5°5cm": "351.0 (301.0 … 401.0)",
      "10°2cm": "352.0 (302.0 … 402.0)",
      "10°5cm": "353.0 (303.0 … 403.0)",
      "10°5cm on the way": "303.0 (253.0 … 353.0)",
    });
    expect(b["10°5cm"]).toBe("303.0");
  });
});
