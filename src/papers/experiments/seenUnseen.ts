/**
 * @file How much worse a network is on objects that it did not see: template-pose's, trained whole, against the
 * aggregation of frozen features (paper C, Tables 1 and 2); on toys.
 */
import { efficientNetPath } from "../templates/backbonePath";
import { efficientNetBackbone } from "../templates/backbones";
import { type ContrastiveRun, defaultContrastiveRun } from "../templates/contrastivePairs";
import { type Descriptor, frozenDescriptor } from "../templates/descriptor";
import { templatePoseBackbone, trainTemplatePoseModel } from "../templates/templatePoseModel";
import { aggregationPreset } from "../templates/trainAggregation";
import { trainingToy } from "../templates/viewBatch";
import { disposing } from "./disposing";
import type { Experiment, ExperimentPart, PartContext } from "./experiment";
import { experimentPart } from "./experimentPart";
import { seededPart } from "./seededPart";
import { defaultToyMatching, type ToyMatchingAmount, type ToyMatchingScore, toyMatching } from "./toyMatching";
import { withAggregation } from "./withAggregation";

/** What was measured of an arm. */
export interface SeenUnseenScore {
  minutes: number;
  /** On the toys of the training, in pictures that it did not see, and on other toys. */
  seen: ToyMatchingScore;
  unseen: ToyMatchingScore;
}

/** Arms: names of parts without their seeds. */
export const templatePoseArm = "template-pose";
export const cwaArm = "CWA";

/** Both arms with each seed; training on as many toys as are matched. */
export function seenUnseenParts(
  run: Omit<ContrastiveRun, "seed" | "toys">,
  amount: ToyMatchingAmount,
  seeds: readonly number[],
): ExperimentPart[] {
  const matched = async (
    descriptor: Descriptor,
    seed: number,
    context: PartContext,
  ): Promise<Pick<SeenUnseenScore, "seen" | "unseen">> => {
    const toys = Array.from({ length: amount.objects }, (_, index) => trainingToy(seed, index));
    return {
      seen: await toyMatching(descriptor, amount, context, toys),
      unseen: await toyMatching(descriptor, amount, context),
    };
  };
  const training = (seed: number, { folder, signal, progress }: PartContext) => ({
    folder,
    run: { ...run, seed, toys: amount.objects },
    signal,
    progress: (share: number, note: string) => progress(0.8 * share, note),
  });
  const templatePose = async (seed: number, context: PartContext): Promise<SeenUnseenScore> => {
    const { path, minutes } = await trainTemplatePoseModel(training(seed, context));
    return disposing(templatePoseBackbone(path), async (backbone) => ({
      minutes,
      ...(await matched(frozenDescriptor(backbone, aggregationPreset("cwa").grid), seed, context)),
    }));
  };
  const cwa = async (seed: number, context: PartContext): Promise<SeenUnseenScore> => {
    const preset = aggregationPreset("cwa");
    return disposing(efficientNetBackbone(efficientNetPath, preset.options), (backbone) =>
      withAggregation({ ...training(seed, context), preset, backbone }, async (descriptor, minutes) => ({
        minutes,
        ...(await matched(descriptor, seed, context)),
      })),
    );
  };
  const part = (arm: string, measure: typeof cwa, seed: number): ExperimentPart =>
    experimentPart(seededPart(arm, seed), (context) => measure(seed, context));
  return seeds.flatMap((seed) => [part(templatePoseArm, templatePose, seed), part(cwaArm, cwa, seed)]);
}

const { seed: _seed, toys: _toys, ...defaultRun } = defaultContrastiveRun;

export const seenUnseen: Experiment = {
  name: "seenUnseen",
  title: "Seen and unseen objects: template-pose's network against aggregated features",
  question:
    "Is the gap between objects of the training and others smaller with aggregated frozen features than with " +
    "template-pose's network, which is trained whole? On toys; C4 is decided on real pictures (realAggregation). Both learn 750 steps from pictures of the same eight toys; measured: Acc15 " +
    "with class on new pictures of these and of eight others, partly hidden, in two seeds. In the mean over seeds CWA " +
    "is to lose fewer points from seen to unseen than template-pose, and is above it on the others. The baseline begins at random (the published one with the weights " +
    "of MoCo), frozen features with ImageNet's: what that does to the gap cannot be told apart here.",
  photos: true,
  parts: () => seenUnseenParts({ ...defaultRun, steps: 750 }, defaultToyMatching, [0, 1]),
};
