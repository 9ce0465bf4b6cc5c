/**
 * @file What the embedded diffusion network's features find in LM-O's pictures, trained and before training.
 */
import {
  embeddedUNetCheckpoint,
  loadPictureDiffusion,
  type PictureDiffusion,
  untrainedPictureDiffusion,
} from "../pictureDiffusion";
import { disposing } from "./disposing";
import type { Experiment, ExperimentPart } from "./experiment";
import { measureFrozen } from "./realTemplates";

const networks: Readonly<Record<string, () => PictureDiffusion>> = {
  "diffusion, t = 0": () => loadPictureDiffusion(),
  "diffusion network before training": untrainedPictureDiffusion,
};

/** The two networks. */
export const realDiffusionParts = (): ExperimentPart[] =>
  Object.entries(networks).map(([name, open]) => ({
    name,
    measure: (context) => disposing(open(), (network) => measureFrozen(network.backbone(), {}, context)),
  }));

export const realDiffusion: Experiment = {
  name: "realDiffusion",
  title: "The embedded diffusion network on real pictures",
  question:
    "What does training on renders add on LM-O's real pictures, whose objects it never saw? Acc15 with class of the frozen features " +
    "at t = 0, trained and before training, by the thresholds of realTemplates; no claim is decided here. Needs LM-O (POSEDIFF_DATA).",
  photos: true,
  reads: [embeddedUNetCheckpoint],
  parts: realDiffusionParts,
};
