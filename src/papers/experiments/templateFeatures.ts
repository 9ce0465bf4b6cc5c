/**
 * @file Which frozen features find a rendered object's view: layers of EfficientNet-Lite0, and the embedded diffusion
 * network at several steps (paper C, Fig. 2 and 4; claims C1, C3).
 */
import { embeddedUNetCheckpoint, loadPictureDiffusion, untrainedPictureDiffusion } from "../pictureDiffusion";
import { efficientNetPath } from "../templates/backbonePath";
import { efficientNetBackbone } from "../templates/backbones";
import { frozenDescriptor } from "../templates/descriptor";
import type { Experiment, ExperimentPart } from "./experiment";
import { defaultToyMatching, type ToyMatchingAmount, toyMatching } from "./toyMatching";

/** Diffusion steps at which features are read. */
export const featureSteps: readonly number[] = [0, 50, 100, 200, 400, 700];

/** The part's name of the diffusion network at a step; each picture has a noise of its own, or all share one. */
export const featureStepName = (step: number, noise: "own" | "shared" = "own"): string =>
  `diffusion, t = ${step}${noise === "shared" ? ", shared noise" : ""}`;

/** Name of the part that is no diffusion network. */
export const efficientNetPart = "EfficientNet-Lite0, stages 3, 4, 5";

const grid = 16;

/** The layers, trained and at random, and the steps. */
export function templateFeaturesParts(amount: ToyMatchingAmount): ExperimentPart[] {
  const efficientNet: ExperimentPart = {
    name: efficientNetPart,
    measure: async (context) => {
      const backbone = efficientNetBackbone(efficientNetPath, { inputSize: 128, layers: [3, 4, 5] });
      try {
        return { ...(await toyMatching(frozenDescriptor(backbone, grid), amount, context)) };
      } finally {
        backbone.dispose();
      }
    },
  };
  const untrained: ExperimentPart = {
    name: "diffusion network before training",
    measure: async (context) => {
      const network = untrainedPictureDiffusion();
      try {
        return { ...(await toyMatching(frozenDescriptor(network.backbone(), grid), amount, context)) };
      } finally {
        network.dispose();
      }
    },
  };
  return [
    efficientNet,
    untrained,
    ...(["own", "shared"] as const).flatMap((noise) =>
      featureSteps.map(
        (step): ExperimentPart => ({
          name: featureStepName(step, noise),
          measure: async (context) => {
            const network = loadPictureDiffusion();
            const descriptor = frozenDescriptor(network.backbone({ step, noise }), grid);
            try {
              return { ...(await toyMatching(descriptor, amount, context)) };
            } finally {
              network.dispose();
            }
          },
        }),
      ),
    ),
  ];
}

export const templateFeatures: Experiment = {
  name: "templateFeatures",
  title: "Frozen features as descriptors of views: layers and diffusion steps",
  question:
    "C1: features of several layers together find views better than those of the best single layer, and different " +
    "objects prefer different layers. C3: the later the diffusion step, the worse the features. " +
    "A picture's noise is its own; as a control all pictures share one, as they did when this was first measured, and the curve then rose at the end. " +
    "C5: cell by cell beats one descriptor of the whole where something hides a part. C7: more views help. " +
    "Measured: Acc15 with class on pictures of toys that no training saw, as they are and partly hidden, against 301 templates of each.",
  photos: true,
  reads: [embeddedUNetCheckpoint],
  parts: () => templateFeaturesParts(defaultToyMatching),
};
