/**
 * @file The UNet of Stable Diffusion 1.5 on a crop of 512² pixels, at half its widths: what a reader with the weights must
 * expect of a CPU.
 */
import { tf } from "../../backend";
import { createParameters, keptWeights, weightsOf } from "../../models/params";
import { unet, unetFeatures, unetParameters } from "../../models/unet/unet";
import { type UNetConfig, unetConfig } from "../../models/unet/unetConfig";
import { Rng } from "../../random";
import type { Benchmark } from "./benchmark";
import { measure } from "./measure";

const downBlocks = [...new Array(3).fill("CrossAttnDownBlock2D"), "DownBlock2D"];
const upBlocks = ["UpBlock2D", ...new Array(3).fill("CrossAttnUpBlock2D")];

/** Stable Diffusion 1.5's, its widths divided. */
const configOf = (divisor: number): UNetConfig =>
  unetConfig({
    _class_name: "UNet2DConditionModel",
    in_channels: 4,
    out_channels: 4,
    block_out_channels: [320, 640, 1280, 1280].map((width) => width / divisor),
    down_block_types: downBlocks,
    up_block_types: upBlocks,
    layers_per_block: 2,
    cross_attention_dim: 768,
    attention_head_dim: 8,
  });

const gigabytesOf = (config: UNetConfig): number =>
  unetParameters(config).reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0) / 1e9;

const divisor = 2;
/** Side of the latents of 512 pixels, and tokens of a prompt. */
const [latents, tokens] = [64, 77];

/** Random weights: what is timed does not depend on them. */
export const unetForward: Benchmark = {
  name: "sd-unet",
  what: `features of a crop of 512² pixels by the UNet of Stable Diffusion 1.5 with 1/${divisor} of its widths; its own by arithmetic: a layer's products grow with the square of the width`,
  inTorch: false,
  run: async () => {
    const config = configOf(divisor);
    const rng = new Rng(1);
    const noise = (name: string, count: number): Float32Array => Float32Array.from(rng.split(name).normals(count));
    const [pixels, prompt] = [
      noise("latents", latents ** 2 * config.inputs),
      noise("context", tokens * config.contextWidth),
    ];
    const weights = keptWeights(() => weightsOf(createParameters(unetParameters(config), rng.split("weights"))));
    try {
      const forward = (): unknown =>
        tf.tidy(() => {
          const x = tf.tensor4d(pixels, [1, latents, latents, config.inputs]);
          const context = tf.tensor3d(prompt, [1, tokens, config.contextWidth]);
          const maps = unetFeatures(unet(weights, config, x, 0, { context }));
          return maps[maps.length - 1].dataSync();
        });
      const timing = await measure(forward, { runs: 3 });
      return {
        ...timing,
        details: {
          "GB of weights": gigabytesOf(config),
          "GB of Stable Diffusion 1.5's": gigabytesOf(configOf(1)),
          "s with its widths": divisor ** 2 * timing.medianSeconds,
        },
      };
    } finally {
      tf.dispose(weights);
    }
  },
};
