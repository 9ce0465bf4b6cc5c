/**
 * @file How hypotheses are distributed about an axis of symmetry: all angles, or a few.
 */
import { assertInput } from "../check";
import type { Pose } from "../geometry/pose";
import { twistAngle } from "../geometry/twist";
import { multiply, transpose, type Vector3 } from "../geometry/vector";

/** What the angles about the axis say. */
export interface AxisDistribution {
  /** The angle about the axis by which each hypothesis differs from the truth, degrees in (−180, 180]. */
  anglesDeg: number[];
  /** Circular variance 1 − |Σₖ exp(iφₖ)|/K: 0 for one angle, 1 for uniform ones, but also for two opposite ones. */
  spread: number;
  /** Entropy of the angles over the entropy of uniform ones: 0 for one angle, 1 for uniform ones. */
  entropy: number;
  /** The largest arc without a hypothesis, degrees: 360/K for evenly spread ones, 360 for one angle. */
  largestGapDeg: number;
}

/** About which axis, and how finely. */
export interface AxisDistributionOptions {
  /** In the object's frame. */
  axis?: Vector3;
  /** Bins of the histogram whose entropy is taken. */
  bins?: number;
}

const defaults = { axis: [0, 1, 0], bins: 12 } satisfies AxisDistributionOptions;

/** The histogram is laid so many times over the angles, each time a part of a bin further. */
const offsets = 16;

/**
 * Spread, entropy and largest gap of the angle about the symmetry axis, of K hypotheses of one object. The angle is the
 * twist of R*ᵀR about the axis.
 *
 * The entropy −Σ p_b ln p_b / ln B is that of a histogram of B bins, averaged over 16 places of its first edge: it does
 * not depend on where zero lies, and a tight cluster does not count as two because an edge runs through it. K draws of a
 * truly uniform angle stay below 1 by about (B − 1)/(2K ln B); `expectedUniformEntropy` gives their exact mean.
 *
 * @throws InputError without a hypothesis, or with fewer than two bins
 */
export function axisDistribution(
  hypotheses: readonly Pose[],
  truth: Pose,
  options: AxisDistributionOptions = {},
): AxisDistribution {
  const { axis, bins } = { ...defaults, ...options };
  assertInput(hypotheses.length > 0, "axisDistribution: got no hypothesis; pass at least one");
  assertBins("axisDistribution", bins);
  const toObject = transpose(truth.rotation);
  const angles = hypotheses.map(({ rotation }) => twistAngle(multiply(toObject, rotation), axis));
  const [c, s] = [Math.cos, Math.sin].map((f) => angles.reduce((sum, angle) => sum + f(angle), 0));
  return {
    anglesDeg: angles.map((angle) => (180 / Math.PI) * angle),
    spread: Math.max(0, 1 - Math.hypot(c, s) / angles.length),
    entropy: circularEntropy(angles, bins),
    largestGapDeg: (180 / Math.PI) * largestGap(angles),
  };
}

const assertBins = (where: string, bins: number): void =>
  assertInput(Number.isInteger(bins) && bins > 1, `${where}: bins is ${bins}; pass an integer of at least 2`);

function circularEntropy(angles: readonly number[], bins: number): number {
  const width = (2 * Math.PI) / bins;
  let sum = 0;
  for (let offset = 0; offset < offsets; offset++) {
    const counts = new Array<number>(bins).fill(0);
    // Half a step further than the bin's edge: angles that are multiples of the step would lie on edges.
    const edge = ((offset + 0.5) / offsets) * width;
    for (const angle of angles) {
      const bin = Math.floor((angle - edge) / width) % bins;
      counts[bin < 0 ? bin + bins : bin] += 1;
    }
    sum += normalizedEntropy(counts);
  }
  return sum / offsets;
}

/**
 * −Σ p ln p / ln B of the shares p of B counts: 0 if all lie in one, 1 if all counts are equal.
 * @throws InputError if there are fewer than two counts, one is negative or not finite, or all are 0
 */
export function normalizedEntropy(counts: readonly number[]): number {
  const total = counts.reduce((a, b) => a + b, 0);
  assertInput(
    counts.length > 1 && total > 0 && Number.isFinite(total) && counts.every((count) => count >= 0),
    `normalizedEntropy: got [${counts.join(", ")}]; pass two or more counts of at least 0, not all 0`,
  );
  const nats = counts.reduce((sum, n) => (n > 0 ? sum - (n / total) * Math.log(n / total) : sum), 0);
  return Math.max(0, nats / Math.log(counts.length));
}

function largestGap(angles: readonly number[]): number {
  const sorted = [...angles].sort((a, b) => a - b);
  const last = sorted.length - 1;
  return sorted.reduce(
    (gap, angle, i) => (i === 0 ? gap : Math.max(gap, angle - sorted[i - 1])),
    2 * Math.PI - (sorted[last] - sorted[0]), // across ±π
  );
}

/**
 * The mean of `entropy` over sets of `count` angles that are drawn uniformly: −B·E[(n/K) ln(n/K)]/ln B with n binomial
 * (K, 1/B). What a sampler that keeps a continuous symmetry can reach with K hypotheses.
 *
 * @throws InputError unless count is a positive integer and bins one of at least 2
 */
export function expectedUniformEntropy(count: number, bins: number = defaults.bins): number {
  assertInput(
    Number.isInteger(count) && count > 0,
    `expectedUniformEntropy: count is ${count}; pass a positive integer`,
  );
  assertBins("expectedUniformEntropy", bins);
  let [logProbability, expectation] = [count * Math.log(1 - 1 / bins), 0]; // of n = 0
  for (let n = 1; n <= count; n++) {
    logProbability += Math.log((count - n + 1) / n / (bins - 1));
    expectation -= Math.exp(logProbability) * (n / count) * Math.log(n / count);
  }
  return (bins * expectation) / Math.log(bins);
}
