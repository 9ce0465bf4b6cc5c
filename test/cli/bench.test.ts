import { expect, test } from "vitest";
import { runBenchmarks } from "../../src/cli/bench";
import { measure } from "../../src/cli/bench/measure";
import { benchRotations, logLogSlope } from "../../src/cli/bench/modeBenchmarks";
import { measureThroughput } from "../../src/cli/doctor/throughput";

test("the median of the timed runs, after one to warm up", async () => {
  const pauses = [30, 0, 40, 10];
  let calls = 0;
  const timing = await measure(() => new Promise((done) => setTimeout(done, pauses[calls++])), { runs: 3 });
  expect(calls).toBe(4);
  expect(timing.runs).toBe(3);
  expect(timing.medianSeconds).toBeGreaterThan(0.005);
  expect(timing.medianSeconds).toBeLessThan(0.035);
  expect(timing.minSeconds).toBeLessThanOrEqual(timing.medianSeconds);
});

test("a benchmark yields its figures; an unknown one is told with the known ones", async () => {
  const { rows, failures } = await runBenchmarks("rasterize");
  expect(failures).toEqual([]);
  expect(rows).toHaveLength(1);
  expect(rows[0]?.medianSeconds).toBeGreaterThan(0);
  await expect(runBenchmarks("speed")).rejects.toThrow("there is no benchmark speed; choose one of encoder-forward");
});

test("doctor's throughput is a positive number of GFLOP/s", async () => {
  const { matMulGflops, convolutionGflops } = await measureThroughput(0.05);
  expect(matMulGflops).toBeGreaterThan(0.01);
  expect(convolutionGflops).toBeGreaterThan(0.01);
});

test("the slope of times over sizes is the power they grow with", () => {
  expect(logLogSlope([1, 10, 100], [2, 200, 20000])).toBeCloseTo(2, 12);
  const rotations = benchRotations(20);
  expect(rotations).toHaveLength(120);
  expect(Math.hypot(...rotations.subarray(0, 3))).toBeCloseTo(1, 9);
});
