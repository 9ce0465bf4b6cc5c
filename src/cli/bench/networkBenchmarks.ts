/**
 * @file The encoder and a training step of paper A at the published sizes.
 */
import { tf } from "../../backend";
import { group } from "../../geometry/grouping";
import { createParameters, weightsOf } from "../../models/params";
import { encode } from "../../models/pointNet2";
import { jointLearningParameters, jointLoss, presets } from "../../papers/jointLearning";
import type { PoseBatch } from "../../papers/poseBatch";
import { Rng } from "../../random";
import { vesde } from "../../sde/vesde";
import { denoisingDraws } from "../../training/denoisingDraws";
import { fit } from "../../training/fit";
import { createTrainingState } from "../../training/trainingState";
import type { Benchmark } from "./benchmark";
import { measure } from "./measure";

const batchSize = 32;
const draws = 20;
const config = presets.paper;

/** Points of a 5 cm normal cloud: about as many neighbours within the radii as on a hand-sized object. */
export const benchClouds = (rng: Rng, batch: number): Float32Array =>
  Float32Array.from(rng.normals(batch * config.encoder.points * 3), (v) => 0.05 * v);

/** Sampling and grouping of the clouds is part of the time, as it is in PyTorch's. */
export const encoderForward: Benchmark = {
  name: "encoder-forward",
  what: `PointNet++ encoder of paper A, ${batchSize} clouds of ${config.encoder.points} points, grouping included`,
  inTorch: true,
  run: async () => {
    const rng = new Rng(1);
    const parameters = createParameters(jointLearningParameters(config), rng);
    const clouds = benchClouds(rng.split("clouds"), batchSize);
    const weights = weightsOf(parameters);
    try {
      const forward = (): unknown =>
        tf.tidy(() => {
          encode(weights, config.encoder, group(config.encoder, clouds, batchSize)).feature.dataSync();
        });
      return await measure(forward, { runs: 5 });
    } finally {
      tf.dispose(weights);
    }
  },
};

/** One step as `posediff train` takes it, but with the grouping in line instead of in a worker thread. */
export const trainingStep: Benchmark = {
  name: "training-step",
  what: `joint training step of paper A, ${batchSize} clouds × ${draws} draws: grouping, both losses, gradients, Adam, EMA`,
  inTorch: true,
  run: async () => {
    const rng = new Rng(1);
    const state = createTrainingState(createParameters(jointLearningParameters(config), rng));
    const clouds = benchClouds(rng.split("clouds"), batchSize);
    const poses = Float32Array.from(rng.split("poses").normals(batchSize * 9));
    const batches = (step: number): PoseBatch => ({
      grouping: group(config.encoder, clouds, batchSize),
      poses,
      symmetric: new Uint8Array(batchSize),
      draws: denoisingDraws(poses, (t) => vesde.sigma(t), rng.split(step), { draws }),
      sizes: new Float32Array(batchSize * 3),
      labels: new Uint8Array(batchSize),
      clouds,
    });
    const loss = jointLoss(config, { regression: true, diffusion: true });
    const steps = fit({ state, loss, batches, steps: Number.MAX_SAFE_INTEGER, learningRate: () => 1e-3 });
    try {
      return await measure(() => steps.next(), { runs: 3 });
    } finally {
      await steps.return();
    }
  },
};
