/**
 * @file Accuracy against the errors of the masks: from those of training to frames as hard as the paper's.
 */
import { proceduralSample } from "../../datasets/procedural/proceduralSample";
import { meanOfNumbers } from "../../metrics/averages";
import type { PoseError } from "../../metrics/poseError";
import { ddim } from "../../samplers/ddim";
import { scoreScalings } from "../../samplers/scoreScaling";
import { pause } from "../pause";
import { embeddedCheckpoint } from "../poseEstimator";
import type { Experiment, ExperimentPart, PartContext } from "./experiment";
import { experimentPart } from "./experimentPart";
import { accuracyBySeed, errorsOfState, rounded, startingNoise, testObjects } from "./testObjects";

/** What one size of errors gave. */
export interface DetectorMasksResult {
  /** Of `detectorMask`; null: masks as in training. */
  error: number | null;
  objects: number;
  /** With the annotated mask of the same view, mean over objects; and the share of masked pixels that lie outside of it. */
  iou: number;
  foreign: number;
  /** Percent within 5°2cm, 5°5cm, 10°2cm, 10°5cm by one hypothesis, a row per noise seed. */
  accuracy: Record<Schedule, number[][]>;
}

const schedules = ["none", "exponential", "linear", "constant"] as const;
type Schedule = (typeof schedules)[number];

const [split, ddimSteps] = ["validation", 40] as const;

/** How much is measured. */
interface Amount {
  objects: number;
  seeds: number;
}

/** Shares of two masks of one size: intersection over union, and what of the second lies outside of the first. */
function overlap(annotated: Uint8Array, mask: Uint8Array): { iou: number; foreign: number } {
  let [both, either, outside, all] = [0, 0, 0, 0];
  for (let i = 0; i < mask.length; i++) {
    const [a, m] = [annotated[i] === 1, mask[i] === 1];
    if (a && m) both++;
    if (a || m) either++;
    if (m) all++;
    if (m && !a) outside++;
  }
  return { iou: both / either, foreign: outside / all };
}

/** The mask of an object beside its annotated one; none if it has no other. */
function overlapOf(index: number, detectorError?: number): { iou: number; foreign: number }[] {
  const annotated = proceduralSample(split, index, { maps: false });
  const sample =
    detectorError === undefined ? annotated : proceduralSample(split, index, { maps: false, detectorError });
  // A mask without points makes the view be drawn anew: then there is no other mask of it.
  const sameView =
    annotated.mask.length === sample.mask.length && annotated.pose.translation[2] === sample.pose.translation[2];
  return sameView ? [overlap(annotated.mask, sample.mask)] : [];
}

async function measureError(
  detectorError: number | undefined,
  { objects: count, seeds }: Amount,
  context: PartContext,
): Promise<DetectorMasksResult> {
  const objects = await testObjects(count, context, { split, detectorError });
  const rows: Record<Schedule, PoseError[]>[] = [];
  const masks: { iou: number; foreign: number }[] = [];
  for (const object of objects) {
    await pause(context);
    const errorsBy = (name: Schedule): PoseError[] => {
      const scaling = scoreScalings[name];
      return errorsOfState(object, ddim(object.score, startingNoise(object, seeds), { steps: ddimSteps, scaling }).x);
    };
    rows.push(Object.fromEntries(schedules.map((name) => [name, errorsBy(name)])) as Record<Schedule, PoseError[]>);
    masks.push(...overlapOf(object.index, detectorError));
    context.progress(rows.length / count, `errors of ${detectorError ?? "training"}`);
  }
  const accuracy = Object.fromEntries(
    schedules.map((name) => [name, accuracyBySeed(rows.map((errors) => errors[name]))]),
  ) as DetectorMasksResult["accuracy"];
  return {
    error: detectorError ?? null,
    objects: count,
    iou: rounded(meanOfNumbers(masks.map(({ iou }) => iou))),
    foreign: rounded(meanOfNumbers(masks.map(({ foreign }) => foreign))),
    accuracy,
  };
}

const errors = [0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 1.05, 1.2, 1.35, 1.5, 1.65, 1.8, 1.95, 2.1];

/** One part per size of errors, and one with masks as in training; fewer objects for a quick look. */
export const detectorMasksParts = (amount: Amount): ExperimentPart[] => [
  experimentPart("as in training", (context) => measureError(undefined, amount, context)),
  ...errors.map((error) => experimentPart(`error ${error}`, (context) => measureError(error, amount, context))),
];

export const detectorMasks: Experiment = {
  name: "detectorMasks",
  title: "Masks of a detector: how hard frames must be for accuracies like the paper's",
  question:
    "Paper A is trained on annotated masks and tested on those of Mask R-CNN, with another sensor and other instances; our test frames are drawn like those of training, and one guided hypothesis is far above the 52.6 % that the paper has within 5°2cm. " +
    "Which size of mask errors makes our frames as hard? The one whose guided 5°2cm (K = 1, exponential, DDIM of 40 steps from t = 0.55, 150 objects of the validation split, mean over 3 noise seeds) is nearest to 52.6 %; " +
    "`detectedFrames` asks A4 to A8 again with it, on the test split. The schedules are told beside it and choose nothing.",
  reads: [embeddedCheckpoint],
  parts: () => detectorMasksParts({ objects: 150, seeds: 3 }),
};
