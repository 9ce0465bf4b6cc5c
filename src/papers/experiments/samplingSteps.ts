/**
 * @file Accuracy against the number of DDIM steps (paper A, Table S1, Fig. 4d).
 */
import { medianOfNumbers } from "../../metrics/averages";
import { ddim } from "../../samplers/ddim";
import { scoreScalings } from "../../samplers/scoreScaling";
import { pause } from "../pause";
import { embeddedCheckpoint } from "../poseEstimator";
import type { Experiment, ExperimentPart, PartContext } from "./experiment";
import { accuracyBySeed, errorsOfState, rounded, startingNoise, testObjects } from "./testObjects";

/** What one arm measured. */
export interface SamplingStepsResult {
  objects: number;
  steps: number;
  /** Percent within 5°2cm, 5°5cm, 10°2cm, 10°5cm; one row per noise seed. */
  accuracy: number[][];
  /** Over objects and seeds. */
  medianDeg: number;
  medianCm: number;
  /** Milliseconds for one hypothesis (K = 1), and for the encoder before it; of the machine named in the result. */
  samplingMs: number;
  encodingMs: number;
}

interface Arm {
  name: string;
  steps: number;
  /** Every object starts from the same noise, as an evaluation does that fixes one seed for all. */
  sharedNoise?: boolean;
  options: Parameters<typeof ddim>[2];
}

const stepCounts = [500, 200, 100, 50, 10];
const guided = { scaling: scoreScalings.exponential };
const arms: Arm[] = [
  ...stepCounts.map((steps) => ({ name: `guided, ${steps} steps`, steps, options: guided })),
  ...stepCounts.map((steps) => ({ name: `unguided, ${steps} steps`, steps, options: {} })),
  // What removing the last noise gives by itself, without any scaling.
  ...[500, 10].map((steps) => ({
    name: `unguided, Tweedie, ${steps} steps`,
    steps,
    options: { denoise: "tweedie" as const },
  })),
  ...[500, 50, 10].map((steps) => ({
    name: `guided as printed, ${steps} steps`,
    steps,
    options: { ...guided, form: "printed" as const },
  })),
  // How much a single draw decides if it is the same for all objects.
  { name: "guided, one noise for all, 50 steps", steps: 50, sharedNoise: true, options: guided },
  { name: "unguided, one noise for all, 50 steps", steps: 50, sharedNoise: true, options: {} },
];

const timed = 20;

/** One arm over the first `count` test objects and `seeds` starting noises each. */
async function measureArm(
  arm: Arm,
  count: number,
  seeds: number,
  context: PartContext,
  detectorError?: number,
): Promise<SamplingStepsResult> {
  const objects = await testObjects(count, context, { detectorError });
  const options = { ...arm.options, steps: arm.steps };
  const errors = [];
  for (const object of objects) {
    await pause(context);
    const z = startingNoise(arm.sharedNoise ? objects[0] : object, seeds);
    errors.push(errorsOfState(object, ddim(object.score, z, options).x));
    context.progress(errors.length / count, arm.name);
  }
  const ms = objects.slice(0, timed).map((object) => {
    const z = startingNoise(object, 1);
    const began = performance.now();
    ddim(object.score, z, options);
    return performance.now() - began;
  });
  return {
    objects: count,
    steps: arm.steps,
    accuracy: accuracyBySeed(errors),
    medianDeg: rounded(medianOfNumbers(errors.flat().map((e) => e.errorDeg))),
    medianCm: rounded(medianOfNumbers(errors.flat().map((e) => e.errorCm))),
    samplingMs: rounded(medianOfNumbers(ms)),
    encodingMs: rounded(medianOfNumbers(objects.map(({ encodeMs }) => encodeMs))),
  };
}

/** The arms as parts; fewer objects and seeds for a quick look. */
export const samplingStepsParts = (count: number, seeds: number, detectorError?: number): ExperimentPart[] =>
  arms.map((arm) => ({
    name: arm.name,
    measure: async (context) => ({ ...(await measureArm(arm, count, seeds, context, detectorError)) }),
  }));

export const samplingSteps: Experiment = {
  name: "samplingSteps",
  title: "DDIM at 500 to 10 steps, guided and not (A4; Table S1, Fig. 4d)",
  question:
    "A4: does guided DDIM (K = 1, exponential, stable form, from t = 0.55) keep its accuracy when steps are taken away, and is unguided far below? It holds if, at 10°2cm and in the mean over 5 noise seeds, guided with 50 steps is at most 2 points below guided with 500, guided with 10 steps at most 5 points below, and unguided with 500 steps at least 10 points below guided with 500.",
  reads: [embeddedCheckpoint],
  parts: () => samplingStepsParts(300, 5),
};
