/**
 * @file Paper A's claims about training: pre-training, joint learning, rotation loss (A1, A2, A3, A9).
 */
import { meanOfNumbers } from "../../metrics/averages";
import type { ExperimentResult } from "../experiments/experiment";
import { jointLearning, jointLearningSteps } from "../experiments/jointLearning";
import { armCurves, type LearningCurve, meanCurve, stepsToReach } from "../experiments/learningCurve";
import { pretraining } from "../experiments/pretraining";
import { rotationLoss } from "../experiments/rotationLoss";
import { reportedTrainingTime } from "../reported";
import { accuracyColumn, type Claim, measured, seedsOf } from "./claim";

/** 10°5cm of one head of every seed, one number per measurement. */
const curves = (
  result: ExperimentResult,
  arm: string,
  head: "guided" | "regression" = "guided",
  column: number = accuracyColumn.at10deg5cm,
): number[][] => seedsOf<LearningCurve>(result, arm).map((curve) => curve[head].map((row) => row[column]));

const lastOf = (curve: readonly number[]): number => curve[curve.length - 1];

const otherTasks = ["classification", "reconstruction", "none"] as const;

const a1: Claim = {
  id: "A1",
  paper: "A",
  statement:
    "After pre-training by pose regression, diffusion converges faster than after classification, reconstruction or none",
  place: "Fig. 4a, S.2.2",
  reported: "curves without printed numbers",
  criterion:
    "10°5cm of one guided hypothesis, averaged over the measurements of the diffusion phase: the lowest of regression's seeds is above the mean over seeds of each other arm",
  experiment: pretraining,
  judge: (result) => {
    const measurements = curves(result, "none")[0].length; // all of that arm are of the diffusion phase
    const averages = (arm: string): number[] =>
      curves(result, arm).map((curve) => meanOfNumbers(curve.slice(-measurements)));
    const regression = averages("regression");
    const others = otherTasks.map(averages);
    return {
      holds: others.every((other) => Math.min(...regression) > meanOfNumbers(other)),
      ours: [measured("regression", "%", regression), ...otherTasks.map((task, i) => measured(task, "%", others[i]))],
    };
  },
};

const joint = { mostOfSteps: 0.5 };
const days = (method: RegExp): number | undefined => reportedTrainingTime.find((row) => method.test(row.method))?.days;

const a2: Claim = {
  id: "A2",
  paper: "A",
  statement: "Pre-trained joint learning reaches the best score of training from scratch in a small part of its steps",
  place: "Table 1, Fig. 4b",
  reported: `${days(/to the best/)} of ${days(/^from scratch/)} days; ${days(/full/)} days to full convergence`,
  criterion: `10°5cm of one guided hypothesis, mean curve over seeds: the joint phase reaches the best of the scratch run in at most ${100 * joint.mostOfSteps} % of the steps that the scratch run took to it, and ends above it`,
  experiment: jointLearning,
  judge: (result) => {
    const arms = armCurves(result);
    const curve = (name: string): { x: number[]; y: number[] } => {
      const arm = arms.find((a) => a.name === name);
      if (!arm) throw new TypeError(`there is no arm ${name}`);
      return { x: arm.x, y: meanCurve(arm) };
    };
    const [scratch, ours] = [curve("from scratch"), curve("pre-trained, then joint")];
    const best = Math.max(...scratch.y);
    const scratchSteps = stepsToReach(scratch.x, scratch.y, best);
    const reached = stepsToReach(ours.x, ours.y, best); // NaN if never
    const share = (reached - jointLearningSteps.pretraining) / scratchSteps;
    const end = curves(result, "pre-trained, then joint").map(lastOf);
    return {
      holds: share <= joint.mostOfSteps && lastOf(ours.y) > best,
      ours: [
        ...(Number.isNaN(share) ? [] : [measured("share of the steps, pre-training not counted", "%", [100 * share])]),
        measured(
          "best from scratch",
          "%",
          curves(result, "from scratch").map((y) => Math.max(...y)),
        ),
        measured("joint at the end", "%", end),
      ],
    };
  },
};

const a3: Claim = {
  id: "A3",
  paper: "A",
  statement: "The regression head gets better in the joint phase",
  place: "Fig. 4c",
  reported: "curve without printed numbers",
  criterion:
    "in every seed the regression head's 10°5cm at the end of the joint phase is above that at the end of pre-training",
  experiment: jointLearning,
  judge: (result) => {
    const { step } = seedsOf<LearningCurve>(result, "pre-trained, then joint")[0];
    const changes = step.findLastIndex((s) => s <= jointLearningSteps.pretraining);
    const heads = curves(result, "pre-trained, then joint", "regression");
    const [before, after] = [heads.map((curve) => curve[changes]), heads.map(lastOf)];
    return {
      holds: after.every((value, seed) => value > before[seed]),
      ours: [
        measured("after pre-training", "%", before),
        measured("after the joint phase", "%", after),
        measured("regression alone, as long", "%", curves(result, "regression alone", "regression").map(lastOf)),
      ],
    };
  },
};

const a9: Claim = {
  id: "A9",
  paper: "A",
  statement: "The geodesic rotation loss beats the L2 loss",
  place: "Fig. S1",
  reported: "curves without printed numbers",
  criterion:
    "the regression head's accuracy at the end, mean over seeds, is higher with the geodesic loss at 5°2cm and at 10°5cm",
  experiment: rotationLoss,
  judge: (result) => {
    const end = (arm: string, at: keyof typeof accuracyColumn): number[] =>
      curves(result, arm, "regression", accuracyColumn[at]).map(lastOf);
    const [geodesic, l2] = ["geodesic", "L2"].map((arm) => [end(arm, "at5deg2cm"), end(arm, "at10deg5cm")]);
    return {
      holds: geodesic.every((values, i) => meanOfNumbers(values) > meanOfNumbers(l2[i])),
      ours: [
        measured("geodesic 5°2cm", "%", geodesic[0]),
        measured("10°5cm", "%", geodesic[1]),
        measured("L2 5°2cm", "%", l2[0]),
        measured("10°5cm", "%", l2[1]),
      ],
    };
  },
};

export const trainingClaims: readonly Claim[] = [a1, a2, a3, a9];
