/**
 * @file Sampling 50 poses of one object with the score network of paper A.
 */
import { poseDimension } from "../../geometry/pose";
import { createParameters, type Parameters, parameterView } from "../../models/params";
import { bindScoreNetwork } from "../../models/scoreEvaluator";
import { scoreNetworkParameters } from "../../models/scoreNetwork";
import { presets } from "../../papers/jointLearning";
import { Rng } from "../../random";
import { ddim } from "../../samplers/ddim";
import { priorNoise } from "../../samplers/priorNoise";
import { probabilityFlowOde } from "../../samplers/probabilityFlowOde";
import { exponentialScaling } from "../../samplers/scoreScaling";
import type { Score } from "../../sde/sde";
import { vesde } from "../../sde/vesde";
import type { Benchmark } from "./benchmark";
import { measure } from "./measure";

const hypotheses = 50;
const config = presets.paper.score;

/** An untrained network whose last layer is not zero. */
function network(rng: Rng): Parameters {
  const parameters = createParameters(scoreNetworkParameters(config), rng);
  const last = parameterView(parameters, "fusion_tail.2.weight");
  last.set(
    rng
      .split("last layer")
      .normals(last.length)
      .map((v) => 0.05 * v),
  );
  return parameters;
}

const start = (rng: Rng): Float64Array => priorNoise(rng.split("prior"), hypotheses, poseDimension);

/**
 * The score of a single pose μ seen with the deviation 0.02, plus a thousandth of the network's: the solver then takes
 * about as many steps as with a trained network, and the network is paid for at each.
 */
export const plausibleScore = (learned: Score, mean: ArrayLike<number>): Score => {
  const result = new Float64Array(hypotheses * poseDimension);
  return (x, t) => {
    const small = learned(x, t);
    const sigma = vesde.sigma(t);
    const variance = 0.02 ** 2 + sigma ** 2;
    for (let i = 0; i < x.length; i++)
      result[i] =
        1e-3 * sigma * (small[i] as number) - ((x[i] as number) - (mean[i % poseDimension] as number)) / variance;
    return result;
  };
};

/** What both samplers start from; binding the object's feature is a part of what is timed. */
function sampling(): { score: () => Score; z: Float64Array } {
  const rng = new Rng(2);
  const bound = bindScoreNetwork(network(rng), config);
  const feature = Float32Array.from(rng.split("feature").normals(config.featureSize));
  const mean = rng.split("mean").normals(poseDimension);
  return { score: () => plausibleScore(bound.scoreOf(feature), mean), z: start(rng) };
}

export const ddim500: Benchmark = {
  name: "ddim-500",
  what: `DDIM, 500 steps from t = 1, ${hypotheses} hypotheses of one object, exponential score scaling`,
  inTorch: true,
  run: async () => {
    const { score, z } = sampling();
    const sample = (): unknown => ddim(score(), z, { steps: 500, t0: 1, scaling: exponentialScaling() });
    return { ...(await measure(sample, { runs: 5 })), details: { nfe: 500 } };
  },
};

export const rk45From055: Benchmark = {
  name: "rk45",
  what: `probability-flow ODE by RK45 from t = 0.55, rtol = atol = 1e-5, ${hypotheses} hypotheses of one object`,
  inTorch: true,
  run: async () => {
    const { score, z } = sampling();
    let nfe = 0;
    const sample = (): void => {
      nfe = probabilityFlowOde(score(), z, { t0: 0.55, denoise: false }).nfe;
    };
    return { ...(await measure(sample, { runs: 9 })), details: { nfe } };
  },
};
