import { expect, test } from "vitest";
import {
  type ReportedComparison,
  reportedCrossCategory,
  reportedHouseCat6d,
  reportedHypotheses,
  reportedNumbers,
  reportedReal275,
  reportedScalings,
  reportedSingleFrame,
  reportedSteps,
  reportedTrainingTime,
} from "../../src/papers/reported";

const named = <T extends { method: string }>(rows: readonly T[], method: string): T => {
  const found = rows.filter((row) => row.method === method);
  expect(found, method).toHaveLength(1);
  return found[0]!;
};

test("rows that the paper prints twice agree, but for the parameters of joint, K = 50", () => {
  const both = ["GenPose, K = 1", "score scaling, K = 1", "joint, K = 50", "joint + score scaling, K = 1"];
  for (const method of both) {
    const [table2, table3]: [ReturnType<typeof named>, ReportedComparison] = [
      named(reportedHypotheses, method),
      named(reportedReal275, method),
    ];
    expect(table2).toMatchObject({ singleFrame: { at5deg2cm: table3.at5deg2cm, at10deg2cm: table3.at10deg2cm } });
  }
  expect(named(reportedReal275, "joint, K = 50").millionParameters).toBe(4.4);
  expect(named(reportedHypotheses, "joint, K = 50").millionParameters).toBe(2.2);
  // Table S2's exponential row is Table 2's best.
  const best = named(reportedHypotheses, "joint + score scaling, K = 1").singleFrame;
  expect(named(reportedScalings, "exponential")).toMatchObject({
    at5deg2cm: best.at5deg2cm,
    at10deg2cm: best.at10deg2cm,
  });
});

test("numbers of the text follow from the tables", () => {
  const text = (what: RegExp): number => reportedNumbers.find((row) => what.test(row.what))!.value;
  const [scratch, full] = reportedTrainingTime.map(({ days }) => days);
  expect(scratch! / full!).toBeCloseTo(text(/speed-up of joint/), 1);
  expect((50 * text(/share of the hypotheses/)) / 100).toBe(text(/kept for the mean/));
  expect(named(reportedHypotheses, "GenPose, K = 50, ranker").millionParameters).toBe(text(/with the ranking network/));
  expect(text(/feature of the cloud/) + text(/embedding of t$/) + text(/noisy pose/)).toBe(text(/input of the diff/));
});

test("every table is whole, every percentage is one, every name finds one row", () => {
  expect([reportedHypotheses, reportedReal275, reportedHouseCat6d].map((t) => t.length)).toEqual([8, 16, 7]);
  expect([reportedSteps, reportedScalings, reportedCrossCategory].map((t) => t.length)).toEqual([8, 3, 6]);
  for (const { method, at5deg2cm, at10deg2cm } of reportedSingleFrame) {
    named(reportedSingleFrame, method);
    expect(at5deg2cm).toBeGreaterThan(0);
    expect(at10deg2cm).toBeGreaterThan(at5deg2cm);
    expect(at10deg2cm).toBeLessThan(100);
  }
});
