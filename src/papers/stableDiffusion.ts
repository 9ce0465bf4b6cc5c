/**
 * @file Stable Diffusion from a folder as the hub gives it (model_index.json, unet/, vae/, text_encoder/, tokenizer/), as
 * far as paper C needs it: picture → latents → hidden states of the UNet, under the empty prompt.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput, assertShape } from "../check";
import {
  type AutoencoderConfig,
  autoencoderConfig,
  autoencoderParameters,
  encodeLatents,
  type LatentDistribution,
} from "../models/unet/autoencoder";
import {
  encodeText,
  type TextEncoderConfig,
  textEncoderConfig,
  textEncoderParameters,
} from "../models/unet/textEncoder";
import { type UNetOutput, unet, unetFeatures, unetParameters } from "../models/unet/unet";
import { type UNetConfig, unetConfig } from "../models/unet/unetConfig";
import { emptyPromptIds } from "./emptyPrompt";
import { type LoadedNetwork, loadNetwork, type NetworkFolderOptions } from "./networkFolder";

/** Older files name the maps of an attention otherwise; `to_out` of them all is diffusers' present one. */
const attentionNames: Readonly<Record<string, string>> = {
  query: "to_q",
  key: "to_k",
  value: "to_v",
  proj_attn: "to_out.0",
};
const presentAttention = (name: string): string =>
  name.replace(/\.attentions\.(\d+)\.(query|key|value|proj_attn)\./, (_, i: string, old: string) => {
    return `.attentions.${i}.${attentionNames[old]}.`;
  });

/** A UNet from its folder (`config.json` and weights). @throws InputError for a damaged file or another architecture */
export const loadUNet = (folder: string, options: NetworkFolderOptions = {}): LoadedNetwork<UNetConfig> =>
  loadNetwork(folder, unetConfig, (config) => unetParameters(config), presentAttention, /^$/, options);

/** The encoder half of an autoencoder; the decoder is not read. @throws InputError as `loadUNet` */
export const loadAutoencoder = (folder: string, options: NetworkFolderOptions = {}): LoadedNetwork<AutoencoderConfig> =>
  loadNetwork(
    folder,
    autoencoderConfig,
    autoencoderParameters,
    presentAttention,
    /^(decoder|post_quant_conv)\./,
    options,
  );

/** A text encoder. @throws InputError as `loadUNet` */
export const loadTextEncoder = (folder: string, options: NetworkFolderOptions = {}): LoadedNetwork<TextEncoderConfig> =>
  loadNetwork(
    folder,
    textEncoderConfig,
    textEncoderParameters,
    (name) => name.replace(/^text_model\./, ""),
    /position_ids$/,
    options,
  );

/** Bytes of RGB pictures → [B, H, W, 3] in [−1, 1]: u/127.5 − 1. */
export function pictureTensor(pictures: Uint8Array, batch: number, height: number, width: number): Tensor4D {
  assertShape("pictureTensor", pictures, [batch, height, width, 3]);
  return tf.sub(tf.div(tf.tensor4d(Float32Array.from(pictures), [batch, height, width, 3]), 127.5), 1);
}

/** A pipeline's networks, and what paper C reads from them. */
export interface StableDiffusion {
  unet: LoadedNetwork<UNetConfig>;
  autoencoder: LoadedNetwork<AutoencoderConfig>;
  /** The embedding of the empty prompt [1, 77, C]. The text encoder itself is let go once this is known. */
  emptyPrompt: Tensor3D;
  /** The latents' distribution of pictures in [−1, 1]; for the UNet: mean · scaling. */
  encode: (x: Tensor4D) => LatentDistribution;
  /**
   * The hidden states of all ResNet blocks of both halves (20 for Stable Diffusion 1.5), for latents at a diffusion step.
   *
   * @param latents [B, h, w, 4], already times `scaling`, noised where the step wants it (paper C: t = 0, no noise)
   */
  features: (latents: Tensor4D, step: number) => Tensor4D[];
  dispose: () => void;
}

/**
 * Load a folder of Stable Diffusion 1.x or 2.x.
 *
 * Memory: 4 bytes a parameter (1.5: 3.4 GB of the UNet, 0.14 GB of the encoder half), whatever the file's precision.
 *
 * @throws InputError that names the file or the field that does not fit
 */
export function loadStableDiffusion(
  folder: string,
  options: Pick<NetworkFolderOptions, "variant"> = {},
): StableDiffusion {
  assertInput(
    existsSync(join(folder, "unet", "config.json")),
    `loadStableDiffusion: there is no unet/config.json in ${folder}; give the folder with model_index.json, as the hub gives it`,
  );
  const text = loadTextEncoder(join(folder, "text_encoder"), options);
  const ids = emptyPromptIds(join(folder, "tokenizer"), text.config);
  const emptyPrompt = tf.keep(tf.tidy(() => encodeText(text.weights, text.config, [ids])));
  text.dispose();
  const autoencoder = loadAutoencoder(join(folder, "vae"), options);
  const loaded = loadUNet(join(folder, "unet"), options);
  const run = (latents: Tensor4D, step: number): UNetOutput =>
    unet(loaded.weights, loaded.config, latents, step, { context: emptyPrompt });
  return {
    unet: loaded,
    autoencoder,
    emptyPrompt,
    encode: (x) => tf.tidy(() => ({ ...encodeLatents(autoencoder.weights, autoencoder.config, x) })),
    features: (latents, step) => tf.tidy(() => unetFeatures(run(latents, step))),
    dispose: () => {
      loaded.dispose();
      autoencoder.dispose();
      emptyPrompt.dispose();
    },
  };
}
