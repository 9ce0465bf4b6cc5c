import { beforeAll, expect, test } from "vitest";
import { ready, tf } from "../../src/backend";
import { bindEnergyNetwork } from "../../src/models/energyEvaluator";
import { energyAndScore } from "../../src/models/energyNetwork";
import { createParameters, weightsOf } from "../../src/models/params";
import {
  ablationScoreNetwork,
  type ScoreNetworkConfig,
  scoreNetworkParameters,
  smallScoreNetwork,
} from "../../src/models/scoreNetwork";
import { Rng } from "../../src/random";
import { vesde } from "../../src/sde/vesde";

beforeAll(() => ready());

const { preconditioning, ...plain } = ablationScoreNetwork;
/** Paper B's form: twelve numbers, four heads of three layers, two of which do not see all of the feature. */
const poseAndSize: ScoreNetworkConfig = {
  ...ablationScoreNetwork,
  dimension: 12,
  heads: 4,
  headLayers: 3,
  unseen: { heads: 2, from: 200, to: 256 },
  preconditioning: { dataDeviation: Array(12).fill(0.577) },
};
test.each<[string, ScoreNetworkConfig]>([
  ["small", smallScoreNetwork],
  ["published form", plain],
  ["pose and size", poseAndSize],
])("%s: the fast energies are the network's, at every time", (_, config) => {
  const parameters = createParameters(scoreNetworkParameters(config), new Rng(1));
  const rng = new Rng(2);
  for (let i = 0; i < parameters.trainableCount; i++) parameters.values[i] += 0.02 * rng.normal();
  const feature = Float32Array.from({ length: config.featureSize }, () => rng.normal());
  const { dimension = 9 } = config;
  const x = Float64Array.from({ length: 70 * dimension }, () => Math.fround(rng.normal()));
  const energyOf = bindEnergyNetwork(parameters, config).energyOf(feature);
  for (const t of [1e-5, 0.3, 0.9]) {
    const { rotation, translation, size } = energyOf(x, t);
    const parts = size ? [rotation, translation, size] : [rotation, translation];
    expect(parts.length).toBe(dimension / 3 - 1);
    const expected = tf.tidy(() =>
      energyAndScore(weightsOf(parameters), config, {
        feature: tf.tensor2d(feature, [1, feature.length]),
        x: tf.tensor2d(Float32Array.from(x), [70, dimension]),
        t: Array(70).fill(t),
        sigma: Array(70).fill(vesde.sigma(t)),
      }).energy.dataSync(),
    );
    const scale = Math.max(...expected.map(Math.abs));
    parts.forEach((part, i) => {
      for (let k = 0; k < 70; k++)
        expect(Math.abs(part[k] - expected[parts.length * k + i]) / scale).toBeLessThan(1e-5);
    });
  }
});

test.each([
  ["small", smallScoreNetwork],
  ["pose and size", poseAndSize],
])("%s: with preconditioning the score is the energy's gradient too", (_, config) => {
  tf.tidy(() => {
    const { dimension = 9 } = config;
    const parameters = createParameters(scoreNetworkParameters(config), new Rng(1));
    const rng = new Rng(2);
    for (let i = 0; i < parameters.trainableCount; i++) parameters.values[i] += 0.02 * rng.normal();
    const weights = weightsOf(parameters);
    const t = [0.05, 0.4, 0.9];
    const feature = tf.tensor2d(Float32Array.from(rng.normals(config.featureSize)), [1, config.featureSize]);
    const input = { feature, t, sigma: t.map((time) => vesde.sigma(time)) };
    const x = tf.tensor2d(Float32Array.from(rng.normals(3 * dimension)), [3, dimension]);
    const { score } = energyAndScore(weights, config, { ...input, x });
    const gradient = tf.grad((v) => tf.sum(energyAndScore(weights, config, { ...input, x: v as typeof x }).energy))(x);
    const difference = tf.max(tf.abs(tf.sub(gradient, score))).dataSync()[0];
    expect(difference / tf.max(tf.abs(score)).dataSync()[0]).toBeLessThan(1e-5);
  });
});
