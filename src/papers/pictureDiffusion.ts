/**
 * @file A trained diffusion network of pictures: as a backbone for template matching, and as a score to sample from.
 */
import { createHash } from "node:crypto";
import type { Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput } from "../check";
import type { FeatureBackbone } from "../models/featureBackbone";
import { createParameters, keptWeights, type Parameters, weightsOf } from "../models/params";
import { unet, unetFeatureChannels, unetFeatures } from "../models/unet/unet";
import { Rng } from "../random";
import type { Score } from "../sde/sde";
import { VESDE } from "../sde/vesde";
import { loadModel, loadParameters, type ModelCard } from "../training/checkpoint";
import {
  embeddedUNet,
  noisedPlaces,
  type PictureDiffusionConfig,
  pictureDiffusionParameters,
  pictureSchedule,
  placeDepth,
  placesOf,
} from "./embeddedUNet";
import { shippedCheckpoint } from "./shippedCheckpoint";

/** The checkpoint that ships with the project. */
export const embeddedUNetCheckpoint: string = shippedCheckpoint("diffusion-small");

/** Options of `PictureDiffusion.backbone`. */
export interface PictureBackboneOptions {
  /** Diffusion step of the pictures, 0 … 999; at 0 (the paper's) next to no noise is added. */
  step?: number;
  /**
   * `own`: each picture gets a noise of its own, as an image that is noised by itself has; drawn by what the picture
   * holds, so that features do not depend on its place in a batch. `shared`: all get the same, which queries and
   * templates then have in common; a control.
   */
  noise?: "own" | "shared";
  /** Of that noise. */
  seed?: number;
}

/** A network of pictures. Owns tensors: `dispose()` when done. */
export interface PictureDiffusion {
  config: PictureDiffusionConfig;
  /**
   * Feature maps: the hidden state of every ResNet block of both halves (paper C, section 3.1). It borrows the network:
   * its own `dispose` frees nothing.
   */
  backbone: (options?: PictureBackboneOptions) => FeatureBackbone;
  /** s(x, t) of pictures as K rows of places (`picturesOf` shows them), in the diffusion `sde`. */
  score: Score;
  sde: VESDE;
  /** Bytes of K pictures from rows of places. */
  picturesOf: (x: ArrayLike<number>) => Uint8Array;
  dispose: () => void;
}

/** A network of given arrays, which are copied; `name` tells it apart from others. */
export function pictureDiffusion(
  config: PictureDiffusionConfig,
  parameters: Parameters,
  name: string,
): PictureDiffusion {
  const weights = keptWeights(() => weightsOf(parameters));
  const { size, patch } = config;
  const side = size / patch;
  const depth = placeDepth(config);
  const last = pictureSchedule.steps - 1;
  // x/√ᾱ is a variance-exploding diffusion with σ = √((1 − ᾱ)/ᾱ), and its score is −ε/σ (Karras et al. 2022, C.1).
  const sde = new VESDE({ sigmaMin: pictureSchedule.sigma[0], sigmaMax: pictureSchedule.sigma[last] });

  const backbone: PictureDiffusion["backbone"] = ({ step = 0, noise = "own", seed = 0 } = {}) => {
    assertInput(
      Number.isInteger(step) && step >= 0 && step <= last,
      `pictureDiffusion: the diffusion step is ${step}; give a whole number from 0 to ${last}`,
    );
    const channels = unetFeatureChannels(config.unet);
    const stream = new Rng(seed).split("backbone");
    const count = side * side * depth;
    const shared = noise === "shared" ? stream.normals(count) : undefined;
    const noiseOf = (picture: Uint8Array): Float64Array =>
      shared ?? stream.split(createHash("sha256").update(picture).digest("hex")).normals(count);
    return {
      name: `${name}-${size}-t${step}-${noise}`,
      inputSize: size,
      layers: channels.down
        .map((width, i) => ({ name: `down ${i}`, channels: width }))
        .concat(channels.up.map((width, i) => ({ name: `up ${i}`, channels: width }))),
      features: async (pictures, batch) => {
        const noises = new Float32Array(batch * count);
        for (let b = 0; b < batch; b++)
          noises.set(noiseOf(pictures.subarray(b * size * size * 3, (b + 1) * size * size * 3)), b * count);
        return tf.tidy(() => {
          const steps = new Array<number>(batch).fill(step);
          const noised = noisedPlaces(
            placesOf(pictures, batch, config),
            tf.tensor4d(noises, [batch, side, side, depth]),
            steps,
          );
          return unetFeatures(unet(weights, config.unet, noised, step));
        });
      },
      dispose: () => {},
    };
  };

  const score: Score = (x, t) => {
    const sigma = sde.sigma(t);
    const rows = x.length / (side * side * depth);
    const epsilon = tf.tidy(() => {
      const places: Tensor4D = tf.tensor4d(Float32Array.from(x), [rows, side, side, depth]);
      return unet(weights, config.unet, tf.div(places, Math.sqrt(1 + sigma * sigma)), pictureSchedule.stepOf(sigma))
        .sample;
    });
    const values = epsilon.dataSync();
    epsilon.dispose();
    return Float64Array.from(values, (e) => -e / sigma);
  };

  const picturesOf: PictureDiffusion["picturesOf"] = (x) => {
    const pictures = new Uint8Array(x.length);
    for (let i = 0; i < x.length; i++) {
      const [place, within] = [Math.floor(i / depth), i % depth];
      const [row, column] = [Math.floor(place / side), place % side];
      const [v, rest] = [Math.floor(within / (3 * patch)), within % (3 * patch)];
      // Row of places counted over all pictures: they lie one below the other.
      const at = ((row * patch + v) * size + column * patch) * 3 + rest;
      pictures[at] = Math.max(0, Math.min(255, Math.round(127.5 * (x[i] + 1))));
    }
    return pictures;
  };
  return { config, backbone, score, sde, picturesOf, dispose: () => tf.dispose(weights) };
}

/** The embedded network before training. Its last convolution begins at 0 and gives no features; all others at random. */
export const untrainedPictureDiffusion = (): PictureDiffusion =>
  pictureDiffusion(
    embeddedUNet,
    createParameters(pictureDiffusionParameters(embeddedUNet), new Rng(0)),
    "diffusion-untrained",
  );

/** A loaded network and its card. */
export interface LoadedPictureDiffusion extends PictureDiffusion {
  card: ModelCard;
}

/**
 * Load a model of `posediff train --network diffusion`.
 *
 * @throws InputError if the file is missing, damaged or of another network
 */
export function loadPictureDiffusion(path: string = embeddedUNetCheckpoint): LoadedPictureDiffusion {
  const model = loadModel(path);
  assertInput(
    model.card.network === "diffusion",
    `loadPictureDiffusion: ${path} is no diffusion network of pictures; use a model of \`posediff train --network diffusion\``,
  );
  const parameters = createParameters(pictureDiffusionParameters(embeddedUNet), new Rng(0));
  loadParameters(parameters, model);
  return { ...pictureDiffusion(embeddedUNet, parameters, "diffusion"), card: model.card };
}
