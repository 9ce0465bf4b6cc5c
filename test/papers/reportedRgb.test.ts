import { describe, expect, it } from "vitest";
import {
  reportedMetricDepth,
  reportedRgbAggregations,
  reportedRgbHypotheses,
  reportedRgbMethods,
  reportedRgbNumbers,
  reportedRgbTracking,
} from "../../src/papers/reportedRgb";

const method = (name: string) => reportedRgbMethods.find((row) => row.method === name)?.real275;
const number = (what: string) => reportedRgbNumbers.find((row) => row.what === what)?.value;

describe("paper B's numbers", () => {
  it("agree where the paper repeats itself", () => {
    const ngr = method("ours, NGR");
    const rows = [reportedRgbHypotheses[2], reportedRgbAggregations[2]];
    for (const row of rows) expect(row).toMatchObject(ngr ?? {});
    const { at10deg, at10cm, at10deg10cm } = ngr ?? {};
    expect(reportedMetricDepth[2]).toMatchObject({ at10deg, at10cm, at10deg10cm });
    expect(reportedMetricDepth[1]).toMatchObject({ at10deg: 59.5, at10cm: 37.3, at10deg10cm: 23.6 });
    expect(reportedRgbTracking[0].framesPerSecond).toBe(reportedRgbAggregations[2].framesPerSecond);
  });

  it("bear out the text: the increases over DMSR, by which the lost headings are known", () => {
    const [ours, before] = [method("ours, NGR"), method("DMSR")];
    const increase = (key: "iou50" | "iou75" | "at10deg" | "at10cm" | "at10deg10cm"): number =>
      100 * ((ours?.[key] ?? 0) / (before?.[key] ?? 0) - 1);
    expect(Math.abs(increase("at10deg") - (number("increase of the rotation metric on REAL275") ?? 0))).toBeLessThan(1);
    expect(Math.abs(increase("at10cm") - (number("increase of the translation metric on REAL275") ?? 0))).toBeLessThan(
      1,
    );
    expect(Math.abs(increase("at10deg10cm") - 55)).toBeLessThan(1);
    expect(Math.abs(increase("iou50") - 60)).toBeLessThan(1);
    expect(Math.abs(increase("iou75") - 18)).toBeLessThan(1);
  });

  it("are whole", () => {
    expect(reportedRgbMethods).toHaveLength(9);
    expect(reportedRgbHypotheses.map(({ hypotheses }) => hypotheses)).toEqual([1, 10, 50, 100]);
    for (const { place, what, value, unit } of reportedRgbNumbers) {
      expect(Number.isFinite(value)).toBe(true);
      expect([place, what, unit].every((text) => text.length > 0)).toBe(true);
    }
  });
});
