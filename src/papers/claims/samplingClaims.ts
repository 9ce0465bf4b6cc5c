/**
 * @file Paper A's claims about score scaling: steps, schedules, w_max, trajectories (A4, A7, A8, A10).
 */
import { meanOfNumbers } from "../../metrics/averages";
import { type SamplingStepsResult, samplingSteps } from "../experiments/samplingSteps";
import { type ScalingWeightResult, scalingWeight } from "../experiments/scalingWeight";
import { type SchedulesResult, schedules } from "../experiments/schedules";
import { type TrajectoriesResult, trajectories } from "../experiments/trajectories";
import { reportedScalings, reportedSteps } from "../reported";
import { accuracyColumn, type Claim, measured, partOf } from "./claim";
import { hardFrames, onHardFrames } from "./onHardFrames";

const column = (accuracy: readonly (readonly number[])[], at: keyof typeof accuracyColumn): number[] =>
  accuracy.map((row) => row[accuracyColumn[at]]);

const steps = { mostLostAt50: 2, mostLostAt10: 5, leastGain: 10 };
const printedSteps = (method: string): number =>
  reportedSteps.find((row) => row.method === `${method}, K = 1`)?.at10deg2cm ?? Number.NaN;

const a4: Claim = {
  id: "A4",
  paper: "A",
  statement: "Guided DDIM keeps its accuracy from 500 to 50 steps and loses little at 10; unguided is far below",
  place: "Table S1, Fig. 4d",
  reported: `10°2cm: ${[500, 50, 10].map((n) => `${printedSteps(`DDIM ${n} + score scaling`)} % at ${n} steps`).join(", ")}; unguided ${printedSteps("DDIM 500")} % at 500`,
  criterion: `${hardFrames} at 10°2cm, mean over noise seeds: guided loses at most ${steps.mostLostAt50} points from 500 to 50 steps and at most ${steps.mostLostAt10} to 10, and unguided is at least ${steps.leastGain} points below guided, both with 500`,
  ...onHardFrames(samplingSteps),
  decisive: ["guided, 500 steps", "guided, 50 steps", "guided, 10 steps", "unguided, 500 steps"],
  judge: (result) => {
    const at = (name: string): number[] => column(partOf<SamplingStepsResult>(result, name).accuracy, "at10deg2cm");
    const [guided500, guided50, guided10] = [500, 50, 10].map((n) => at(`guided, ${n} steps`));
    const unguided = at("unguided, 500 steps");
    const best = meanOfNumbers(guided500);
    return {
      holds:
        best - meanOfNumbers(guided50) <= steps.mostLostAt50 &&
        best - meanOfNumbers(guided10) <= steps.mostLostAt10 &&
        best - meanOfNumbers(unguided) >= steps.leastGain,
      ours: [
        measured("guided, 500 steps", "%", guided500),
        measured("50", "%", guided50),
        measured("10", "%", guided10),
        measured("unguided, 500", "%", unguided),
      ],
    };
  },
};

const schedule = { mostApart: 3, leastKept: 0.8, mostCollapsed: 0.5 };
const scheduleNames = ["exponential", "linear", "constant"] as const;
const scheduleParts = [
  ...scheduleNames.map((name) => `${name}, from t = 0.55`),
  ...["none", "exponential", "constant"].map((name) => `${name}, from t = 1`),
];

const a7: Claim = {
  id: "A7",
  paper: "A",
  statement:
    "The three schedules are equally accurate, while constant collapses the distribution of symmetric objects and exponential keeps it",
  place: "Table S2, Figs. 2, 8, 9, S3",
  reported: `10°5cm: ${scheduleNames.map((name) => `${name} ${reportedScalings.find((row) => row.method === name)?.at10deg5cm} %`).join(", ")}; distributions as pictures`,
  criterion: `${hardFrames} the 10°5cm accuracies from t = 0.55, means over noise seeds, lie within ${schedule.mostApart} points of each other; and from t = 1 the entropy of the angle about the axis is with exponential at least ${100 * schedule.leastKept} % and with constant at most ${100 * schedule.mostCollapsed} % of what it is without scaling`,
  ...onHardFrames(schedules),
  decisive: scheduleParts,
  judge: (result) => {
    const of = (name: string, t0: number): SchedulesResult => partOf(result, `${name}, from t = ${t0}`);
    const accuracies = scheduleNames.map((name) => column(of(name, 0.55).accuracy, "at10deg5cm"));
    const means = accuracies.map(meanOfNumbers);
    const entropy = (name: string): number => of(name, 1).distribution.entropy;
    const [kept, left] = ["exponential", "constant"].map((name) => entropy(name) / entropy("none"));
    return {
      holds:
        Math.max(...means) - Math.min(...means) <= schedule.mostApart &&
        kept >= schedule.leastKept &&
        left <= schedule.mostCollapsed,
      ours: [
        ...scheduleNames.map((name, i) => measured(name, "%", accuracies[i])),
        measured("entropy kept by exponential", "%", [100 * kept]),
        measured("by constant", "%", [100 * left]),
      ],
    };
  },
};

const weight = { leastRise: 5, mostChange: 3 };

const a8: Claim = {
  id: "A8",
  paper: "A",
  statement: "A larger w_max helps up to about 4, then accuracy levels off",
  place: "Fig. S2",
  reported: "w_max = 4; curves without printed numbers",
  criterion: `${hardFrames} the mean of the accuracies 5°2cm … 10°5cm, over noise seeds, rises by at least ${weight.leastRise} points from w_max = 1 to 4 and differs by at most ${weight.mostChange} points between 4 and 8`,
  ...onHardFrames(scalingWeight),
  decisive: [1, 4, 8].map((wMax) => `w_max = ${wMax}`),
  judge: (result) => {
    const of = (wMax: number): number[] =>
      partOf<ScalingWeightResult>(result, `w_max = ${wMax}`).accuracy.map(meanOfNumbers);
    const [none, four, eight] = [1, 4, 8].map(of);
    return {
      holds:
        meanOfNumbers(four) - meanOfNumbers(none) >= weight.leastRise &&
        Math.abs(meanOfNumbers(eight) - meanOfNumbers(four)) <= weight.mostChange,
      ours: [measured("w_max 1", "%", none), measured("4", "%", four), measured("8", "%", eight)],
    };
  },
};

const errors = ["meanDeg", "deviationDeg", "meanCm", "deviationCm"] as const;

const a10: Claim = {
  id: "A10",
  paper: "A",
  statement: "Guided trajectories end with a lower mean error and a lower spread",
  place: "Fig. 3",
  reported: "bands without printed numbers",
  criterion:
    "at the end of the way from t = 0.55, mean and standard deviation of the rotation and of the translation error are all four lower with exponential scaling than without, for every noise seed",
  experiment: trajectories,
  judge: (result) => {
    const end = (name: string): TrajectoriesResult["end"] =>
      partOf<TrajectoriesResult>(result, `${name}, from t = 0.55`).end;
    const [guided, plain] = [end("exponential"), end("none")];
    const values = (rows: TrajectoriesResult["end"], key: (typeof errors)[number]): number[] =>
      rows.map((row) => row[key]);
    return {
      holds:
        guided.length === plain.length && guided.every((row, i) => errors.every((key) => row[key] < plain[i][key])),
      ours: [
        measured("guided mean", "°", values(guided, "meanDeg")),
        measured("deviation", "°", values(guided, "deviationDeg")),
        measured("mean", "cm", values(guided, "meanCm")),
        measured("deviation", "cm", values(guided, "deviationCm")),
        measured("unguided mean", "°", values(plain, "meanDeg")),
        measured("deviation", "°", values(plain, "deviationDeg")),
        measured("mean", "cm", values(plain, "meanCm")),
        measured("deviation", "cm", values(plain, "deviationCm")),
      ],
    };
  },
};

export const samplingClaims: readonly Claim[] = [a4, a7, a8, a10];
