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
test.each<[string, ScoreNetworkConfig]>([
  ["small", smallScoreNetwork],
  ["published form", plain],
])("%s: the fast energies are the network's, at every time", (_, config) => {
  const parameters = createParameters(scoreNetworkParameters(config), new Rng(1));
  const rng = new Rng(2);
  for (let i = 0; i < parameters.trainableCount; i++) parameters.values[i] += 0.02 * rng.normal();
  const feature = Float32Array.from({ length: config.featureSize }, () => rng.normal());
  const x = Float64Array.from({ length: 70 * 9 }, () => Math.fround(rng.normal()));
  const energyOf = bindEnergyNetwork(parameters, config).energyOf(feature);
  for (const t of [1e-5, 0.3, 0.9]) {
    const { rotation, translation } = energyOf(x, t);
    const expected = tf.tidy(() =>
      energyAndScore(weightsOf(parameters), config, {
        feature: tf.tensor2d(feature, [1, feature.length]),
        x: tf.tensor2d(Float32Array.from(x), [70, 9]),
        t: Array(70).fill(t),
        sigma: Array(70).fill(vesde.sigma(t)),
      }).energy.dataSync(),
    );
    const scale = Math.max(...expected.map(Math.abs));
    for (let k = 0; k < 70; k++) {
      expect(Math.abs(rotation[k] - expected[2 * k]) / scale).toBeLessThan(1e-5);
      expect(Math.abs(translation[k] - expected[2 * k + 1]) / scale).toBeLessThan(1e-5);
    }
  }
});

test("with preconditioning the score is the energy's gradient too", () => {
  tf.tidy(() => {
    const config = smallScoreNetwork;
    const parameters = createParameters(scoreNetworkParameters(config), new Rng(1));
    const rng = new Rng(2);
    for (let i = 0; i < parameters.trainableCount; i++) parameters.values[i] += 0.02 * rng.normal();
    const weights = weightsOf(parameters);
    const t = [0.05, 0.4, 0.9];
    const feature = tf.tensor2d(Float32Array.from(rng.normals(config.featureSize)), [1, config.featureSize]);
    const input = { feature, t, sigma: t.map((time) => vesde.sigma(time)) };
    const x = tf.tensor2d(Float32Array.from(rng.normals(27)), [3, 9]);
    const { score } = energyAndScore(weights, config, { ...input, x });
    const gradient = tf.grad((v) => tf.sum(energyAndScore(weights, config, { ...input, x: v as typeof x }).energy))(x);
    const difference = tf.max(tf.abs(tf.sub(gradient, score))).dataSync()[0];
    expect(difference / tf.max(tf.abs(score)).dataSync()[0]).toBeLessThan(1e-5);
  });
});
