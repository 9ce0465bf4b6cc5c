/**
 * @file The ranker of paper B's hypotheses: how likely a pose and size is in a photo («EnergyNet» of Table 4).
 */
import { tf } from "../backend";
import { assertInput } from "../check";
import type { BoxEnergies } from "../estimation/boxAggregation";
import type { OrientedBox } from "../geometry/box";
import { bindEnergyNetwork } from "../models/energyEvaluator";
import { createParameters, keptWeights, weightsOf } from "../models/params";
import { encodeViews } from "../models/viewEncoder";
import { Rng } from "../random";
import { loadModel, loadParameters, type ModelCard } from "../training/checkpoint";
import { rgbEnergyParameters } from "./rgbEnergyTraining";
import { isRgbPreset, rgbPresets, rgbVariant, rgbVariants } from "./rgbMeanShift";
import { diffusionVector } from "./rgbPose";
import { type PhotoView, viewOfPhoto } from "./rgbView";
import { shippedCheckpoint } from "./shippedCheckpoint";

/** The RGB ranker that ships with the project. */
export const embeddedRgbRanker: string = shippedCheckpoint("rgb-energy-small");

/** A loaded ranker. Owns tensors: `dispose()` when done. */
export interface RgbRanker {
  card: ModelCard;
  /**
   * Energies of boxes (camera frame) of the object in a photo's box, each part apart; for `meanOfBestBoxes`.
   *
   * @param options `time`: the diffusion time at which they are read (GenPose: 1e-5)
   * @throws InputError for a box outside of the photo or maps of another size
   */
  energies: (photo: PhotoView, boxes: readonly OrientedBox[], options?: { time?: number }) => BoxEnergies;
  dispose: () => void;
}

/**
 * Load an energy network of `posediff train --network rgbEnergy`.
 *
 * @throws InputError if the file is missing, damaged or of another network
 */
export function loadRgbRanker(path: string = embeddedRgbRanker): RgbRanker {
  const model = loadModel(path);
  const { preset, network, variant = "NGR" } = model.card;
  const known = rgbVariants.find((name) => name === variant);
  assertInput(
    isRgbPreset(preset) && network === "rgbEnergy" && known,
    `loadRgbRanker: ${path} is no ranker of photos; use a model of \`posediff train --network rgbEnergy\``,
  );
  const config = rgbVariant(rgbPresets[preset], known);
  const parameters = createParameters(rgbEnergyParameters(config), new Rng(0));
  loadParameters(parameters, model);
  const weights = keptWeights(() => weightsOf(parameters));
  const { energyOf } = bindEnergyNetwork(parameters, config.score);
  return {
    card: model.card,
    energies: (photo, boxes, { time = 1e-5 } = {}) => {
      const { view, frame } = viewOfPhoto(photo, config.encoder.rgb.inputSize[0]);
      const feature = tf.tidy(() => encodeViews(weights, config.encoder, view).feature);
      const numbers = feature.dataSync();
      feature.dispose();
      const x = Float64Array.from(boxes.flatMap((box) => diffusionVector(box, frame, config)));
      const { rotation, translation, size } = energyOf(numbers)(x, time);
      assertInput(size, `loadRgbRanker: the network of ${path} knows no sizes; use one of pose and size`);
      return { rotation, translation, size };
    },
    dispose: () => tf.dispose(weights),
  };
}
