/**
 * @file One training of small networks, scored on unseen objects as it goes: an arm of the experiments on learning.
 */
import { type Category, categories } from "../../geometry/symmetry";
import type { Parameters } from "../../models/params";
import type { JointLearningConfig } from "../jointLearning";
import { accuracies, testClouds, testErrors } from "../testClouds";
import { defaultJointRun, type PhasedRun, startJoint, type TrainingPhase, trainPhases } from "../trainJoint";
import { trainModel } from "../trainModel";
import type { ExperimentPart, ExperimentResult, Json, PartContext } from "./experiment";
import { armOfPart, seededPart } from "./seededPart";

/** How much is trained and measured; the same for all arms of an experiment. */
export interface CurveSettings {
  batchSize: number;
  draws: number;
  poolSize: number;
  learningRate: number;
  /** Categories of the views, in turn. */
  mixture: readonly Category[];
  /** Steps between two measurements. */
  every: number;
  /** Unseen objects, and starting noises for each (K = 1 every time). */
  objects: number;
  noises: number;
}

/** For the `ablation` preset: minutes an arm. */
export const defaultCurve: CurveSettings = {
  batchSize: 32,
  draws: defaultJointRun.draws,
  poolSize: 4_096,
  learningRate: 3e-3, // of the rates tried on another seed: 600 steps of regression gave 28 % within 10°5cm, at 1e-3 20 %
  mixture: categories,
  every: 100,
  objects: 192,
  noises: 3,
};

/** The seeds of data order, parameters and noise that every arm is trained with: bands show their spread. */
export const curveSeeds: readonly number[] = [0, 1, 2];

/** What is trained. */
export interface CurveArm {
  config: JointLearningConfig;
  phases: readonly TrainingPhase[];
  seed: number;
}

/** Scores along a training, one entry per measurement; accuracies are percent within 5°2cm, 5°5cm, 10°2cm, 10°5cm. */
export interface LearningCurve {
  /** Steps taken, all phases together. */
  step: number[];
  /** One guided hypothesis (K = 1), DDIM; over all noises. */
  guided: number[][];
  /** The regression head. */
  regression: number[][];
}

/** The moving averages, which are what is evaluated. */
const averaged = (parameters: Parameters, ema: Float32Array): Parameters => ({ ...parameters, values: ema });

/** Train the arm in the part's folder, to be resumed there, and measure it every so many steps. */
export async function learningCurve(
  { config, phases, seed }: CurveArm,
  { every, objects, noises, ...settings }: CurveSettings,
  { folder, signal, progress }: PartContext,
): Promise<Json> {
  const run: PhasedRun = { ...settings, seed, phases };
  const clouds = testClouds(config.encoder, objects);
  const { watched } = await trainModel({
    folder,
    run: { preset: config.preset, run },
    totalSteps: phases.reduce((sum, { steps }) => sum + steps, 0),
    state: startJoint(config, run),
    steps: (state, stop) => trainPhases(config, run, state, { signal: stop }),
    card: { preset: config.preset, seed },
    signal,
    progress,
    watch: {
      every,
      measure: ({ step, parameters, ema }) => {
        const { guided, regression } = testErrors(config, averaged(parameters, ema), clouds, { noises });
        return { step, guided: accuracies(guided.flat()), regression: accuracies(regression) };
      },
    },
  });
  const points = watched as unknown as { step: number; guided: number[]; regression: number[] }[];
  const curve: LearningCurve = {
    step: points.map(({ step }) => step),
    guided: points.map(({ guided }) => guided),
    regression: points.map(({ regression }) => regression),
  };
  return { ...curve };
}

/** Arms of one network that differ in their phases. */
export const armsOf = (
  config: JointLearningConfig,
  phases: Readonly<Record<string, readonly TrainingPhase[]>>,
): Record<string, Omit<CurveArm, "seed">> =>
  Object.fromEntries(Object.entries(phases).map(([name, own]) => [name, { config, phases: own }]));

/** Every arm with every seed; all arms of a seed come before the next seed. */
export const curveParts = (
  arms: Readonly<Record<string, Omit<CurveArm, "seed">>>,
  settings: CurveSettings,
  seeds: readonly number[] = curveSeeds,
): ExperimentPart[] =>
  seeds.flatMap((seed) =>
    Object.entries(arms).map(([name, arm]) => ({
      name: seededPart(name, seed),
      measure: (context: PartContext) => learningCurve({ ...arm, seed }, settings, context),
    })),
  );

/** The curves of one arm. */
export interface ArmCurves {
  name: string;
  /** Steps taken. */
  x: number[];
  /** Percent, one curve per seed. */
  runs: number[][];
}

/**
 * The curves of every arm of a stored experiment, ready for `plotBands`.
 *
 * @param threshold 0 … 3: 5°2cm, 5°5cm, 10°2cm, 10°5cm
 */
export function armCurves(
  { parts }: Pick<ExperimentResult, "parts">,
  what: "guided" | "regression" = "guided",
  threshold: number = 3,
): ArmCurves[] {
  const arms = new Map<string, ArmCurves>();
  for (const [part, measured] of Object.entries(parts)) {
    const name = armOfPart(part);
    const curve = measured as unknown as LearningCurve;
    const arm = arms.get(name) ?? { name, x: curve.step, runs: [] };
    arm.runs.push(curve[what].map((row) => row[threshold]));
    arms.set(name, arm);
  }
  return [...arms.values()];
}

/** Mean over the seeds, one number per measurement. */
export const meanCurve = ({ x, runs }: ArmCurves): number[] =>
  x.map((_, i) => runs.reduce((sum, run) => sum + run[i], 0) / runs.length);

/** Steps after which a curve first reaches a value; NaN if it never does. */
export function stepsToReach(x: readonly number[], y: readonly number[], value: number): number {
  const i = y.findIndex((v) => v >= value);
  return i < 0 ? Number.NaN : x[i];
}
