/**
 * @file Errors on the way from noise to poses (paper A, Figs. 3 and 8).
 */
import { meanOfNumbers } from "../../metrics/averages";
import type { PoseError } from "../../metrics/poseError";
import { ddim } from "../../samplers/ddim";
import { scoreScalings } from "../../samplers/scoreScaling";
import { pause } from "../pause";
import { embeddedCheckpoint } from "../poseEstimator";
import type { Experiment, ExperimentPart, PartContext } from "./experiment";
import { errorsOfState, rounded, startingNoise, type TestObject, testObjects } from "./testObjects";

/** A quantity over all hypotheses of a group of objects, one number per time. */
export type ErrorBand = {
  mean: number[];
  deviation: number[];
  /** Quantiles 0.1, 0.5 and 0.9. */
  low: number[];
  median: number[];
  high: number[];
};

/** Rotation (degrees, symmetric objects by their axis) and translation (cm) of one group. */
export type GroupBands = {
  objects: number;
  deg: ErrorBand;
  cm: ErrorBand;
};

/** What one arm measured. */
export type TrajectoriesResult = {
  schedule: string;
  t0: number;
  /** Times of the states, decreasing. */
  t: number[];
  groups: Record<"all" | "symmetric" | "asymmetric", GroupBands>;
  /** At the end, all objects, one entry per noise seed: mean and deviation over objects and hypotheses. */
  end: { meanDeg: number; deviationDeg: number; meanCm: number; deviationCm: number }[];
};

const names = ["none", "exponential", "linear", "constant"] as const;
const starts = [0.55, 1];
const steps = 100;
const every = 5;

/** How much is measured: hypotheses for each seed. */
interface Amount {
  objects: number;
  seeds: number;
  hypotheses: number;
}

const deviation = (values: readonly number[]): number => {
  const mean = meanOfNumbers(values);
  return Math.sqrt(meanOfNumbers(values.map((v) => (v - mean) ** 2)));
};

/** `states[i]`: the values of all hypotheses at time i. */
function band(states: readonly (readonly number[])[]): ErrorBand {
  const quantile = (q: number): number[] =>
    states.map((values) => rounded([...values].sort((a, b) => a - b)[Math.round(q * (values.length - 1))]));
  return {
    mean: states.map((values) => rounded(meanOfNumbers(values))),
    deviation: states.map((values) => rounded(deviation(values))),
    low: quantile(0.1),
    median: quantile(0.5),
    high: quantile(0.9),
  };
}

/** Errors of every hypothesis at every kept time. */
interface Way {
  object: TestObject;
  errors: PoseError[][];
}

function group(ways: readonly Way[]): GroupBands {
  const at = (value: (e: PoseError) => number): ErrorBand =>
    band(ways[0].errors.map((_, i) => ways.flatMap(({ errors }) => errors[i].map(value))));
  return { objects: ways.length, deg: at((e) => e.errorDeg), cm: at((e) => e.errorCm) };
}

async function measureArm(
  schedule: (typeof names)[number],
  t0: number,
  { objects: count, seeds, hypotheses }: Amount,
  context: PartContext,
): Promise<TrajectoriesResult> {
  const objects = await testObjects(count, context);
  const ways: Way[] = [];
  let t: number[] = [];
  for (const object of objects) {
    await pause(context);
    const z = startingNoise(object, seeds * hypotheses);
    const options = { t0, steps, scaling: scoreScalings[schedule], trajectory: true };
    const { trajectory = { t: [], x: [] } } = ddim(object.score, z, options);
    const kept = trajectory.x.filter((_, i) => i % every === 0);
    t = trajectory.t.filter((_, i) => i % every === 0);
    ways.push({ object, errors: kept.map((x) => errorsOfState(object, x)) });
    context.progress(ways.length / count, `${schedule}, t₀ = ${t0}`);
  }
  const end = Array.from({ length: seeds }, (_, seed) => {
    const own = ways.flatMap(({ errors }) =>
      errors[errors.length - 1].slice(seed * hypotheses, (seed + 1) * hypotheses),
    );
    const [deg, cm] = [own.map((e) => e.errorDeg), own.map((e) => e.errorCm)];
    return {
      meanDeg: rounded(meanOfNumbers(deg)),
      deviationDeg: rounded(deviation(deg)),
      meanCm: rounded(meanOfNumbers(cm)),
      deviationCm: rounded(deviation(cm)),
    };
  });
  const isSymmetric = ({ object }: Way): boolean => object.symmetry === "aboutY";
  return {
    schedule,
    t0,
    t: t.map(rounded),
    groups: {
      all: group(ways),
      symmetric: group(ways.filter(isSymmetric)),
      asymmetric: group(ways.filter((way) => !isSymmetric(way))),
    },
    end,
  };
}

/** One part per schedule and t₀; smaller amounts for a quick look. */
export const trajectoriesParts = (amount: Amount): ExperimentPart[] =>
  starts.flatMap((t0) =>
    names.map((schedule) => ({
      name: `${schedule}, from t = ${t0}`,
      measure: (context) => measureArm(schedule, t0, amount, context),
    })),
  );

export const trajectories: Experiment = {
  name: "trajectories",
  title: "Errors along the trajectory, mean and spread, by schedule (A10; Figs. 3, 8)",
  question:
    "A10: do guided trajectories have a lower mean error and a lower spread? It holds if at the end of the way (DDIM, 100 steps, from t = 0.55; 60 objects, 8 hypotheses for each of 3 noise seeds) mean and standard deviation of the rotation error and of the translation error are all four lower with exponential scaling than without, for every seed.",
  reads: [embeddedCheckpoint],
  parts: () => trajectoriesParts({ objects: 60, seeds: 3, hypotheses: 8 }),
};
