/**
 * @file The search for modes among hypotheses: Mean Shift++ against mean shift with a flat kernel.
 */
import type { ModeSearch } from "../../estimation/meanShift";
import { meanShift } from "../../estimation/meanShift";
import { meanShiftPlusPlus } from "../../estimation/meanShiftPlusPlus";
import { rotation6dOf } from "../../geometry/rotation";
import { exp, randomRotation } from "../../geometry/so3";
import { multiply } from "../../geometry/vector";
import { meanOfNumbers } from "../../metrics/averages";
import { Rng } from "../../random";
import type { Benchmark } from "./benchmark";
import { measure } from "./measure";

const counts = [50, 150, 500, 1500, 5000] as const;
const bandwidth = 0.3;

/** Rotations as a sampler gives them: two modes of 60 % and 25 %, 0.1 rad wide, and some anywhere; N × 6. */
export function benchRotations(n: number): Float64Array {
  const rng = new Rng(7);
  const [first, second] = [randomRotation(rng), randomRotation(rng)];
  const rotations = Array.from({ length: n }, () => {
    const u = rng.uniform();
    if (u > 0.85) return randomRotation(rng);
    const turn = exp([rng.normal(0, 0.1), rng.normal(0, 0.1), rng.normal(0, 0.1)]);
    return multiply(turn, u < 0.6 ? first : second);
  });
  return Float64Array.from(rotations.flatMap((rotation) => rotation6dOf(rotation)));
}

/** The slope of log y over log x by least squares: the power with which the time grows. */
export function logLogSlope(x: readonly number[], y: readonly number[]): number {
  const [u, v] = [x.map(Math.log), y.map(Math.log)];
  const [mu, mv] = [meanOfNumbers(u), meanOfNumbers(v)];
  const covariance = u.reduce((sum, value, i) => sum + (value - mu) * (v[i] - mv), 0);
  return covariance / u.reduce((sum, value) => sum + (value - mu) ** 2, 0);
}

const searchBenchmark = (name: string, what: string, search: ModeSearch): Benchmark => ({
  name,
  what: `${what} of 50 rotations in six dimensions; also of up to ${counts[counts.length - 1]}, with the slope of log time`,
  inTorch: false,
  run: async () => {
    const least: number[] = [];
    const details: Record<string, number> = {};
    let first: Awaited<ReturnType<typeof measure>> | undefined;
    for (const n of counts) {
      const points = benchRotations(n);
      // The smallest are timed often, for they are short; the largest take seconds by the flat kernel.
      const timing = await measure(
        () => search(points, 6, bandwidth),
        n <= 150 ? { runs: 50, seconds: 0.3 } : { runs: 2 },
      );
      first ??= timing;
      // The least time: what another program takes away would bend the slope.
      least.push(timing.minSeconds);
      details[`ms at ${n}`] = 1000 * timing.minSeconds;
    }
    details.slope = logLogSlope(counts, least);
    return { ...(first as NonNullable<typeof first>), details };
  },
});

export const meanShiftPlusPlusTime: Benchmark = searchBenchmark(
  "mean-shift++",
  "modes by Mean Shift++",
  meanShiftPlusPlus,
);

export const meanShiftTime: Benchmark = searchBenchmark("mean-shift", "modes by mean shift, flat kernel,", meanShift);
