import type { Tensor2D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { ready, tf } from "../../src/backend";
import { type Grouping, group } from "../../src/geometry/grouping";
import { energyAndScore } from "../../src/models/energyNetwork";
import { createParameters, type Parameters, parameterView, weightsOf } from "../../src/models/params";
import {
  ablationEncoder,
  encode,
  featureSize,
  type PointNet2Config,
  paperEncoder,
  pointNet2Parameters,
  smallEncoder,
} from "../../src/models/pointNet2";
import {
  ablationRegressionHead,
  paperRegressionHead,
  regress,
  regressionHeadParameters,
  smallRegressionHead,
} from "../../src/models/regressionHead";
import { bindScoreNetwork, scoreEvaluator } from "../../src/models/scoreEvaluator";
import {
  ablationScoreNetwork,
  lastLayer,
  paperScoreNetwork,
  type ScoreNetworkConfig,
  scaledScore,
  scoreNetworkParameters,
  smallScoreNetwork,
} from "../../src/models/scoreNetwork";
import { Rng } from "../../src/random";
import { VESDE } from "../../src/sde/vesde";

beforeAll(() => ready());

const rng = (): Rng => new Rng(11);

/** Half-cylinders in front of the camera. */
function clouds(config: PointNet2Config, batch: number): Float32Array {
  const r = rng().split("clouds");
  const point = (): number[] => {
    const angle = r.uniform(0, Math.PI);
    return [0.05 * Math.cos(angle), r.uniform(-0.08, 0.08), 0.8 - 0.05 * Math.sin(angle)];
  };
  return Float32Array.from(Array.from({ length: batch * config.points }, point).flat());
}

/** A score network whose last layer is not zero, so that it says something. */
function scoreParameters(config: ScoreNetworkConfig): Parameters {
  const parameters = createParameters(scoreNetworkParameters(config), rng());
  const last = parameterView(parameters, `${lastLayer(config)}.weight`);
  last.set(
    rng()
      .split("last")
      .normals(last.length)
      .map((v) => 0.1 * v),
  );
  return parameters;
}

describe("parameter counts of the paper preset", () => {
  it.each([
    ["encoder", pointNet2Parameters(paperEncoder), 1_027_552],
    ["score network", scoreNetworkParameters(paperScoreNetwork), 1_169_289],
    ["regression head", regressionHeadParameters(paperRegressionHead), 792_073],
  ])("%s", (_, specs, count) => expect(createParameters(specs, rng()).trainableCount).toBe(count));
});

describe.each([
  ["small", smallEncoder, smallRegressionHead, smallScoreNetwork],
  ["ablation", ablationEncoder, ablationRegressionHead, ablationScoreNetwork],
  ["paper", paperEncoder, paperRegressionHead, paperScoreNetwork],
])("%s preset", (_, encoder, head, score) => {
  const specs = [...pointNet2Parameters(encoder), ...regressionHeadParameters(head), ...scoreNetworkParameters(score)];
  const batch = 2;
  const draws = 3;
  const grouping = group(encoder, clouds(encoder, batch), batch);

  /** A joint loss and its gradients; the number of tensors must be the same afterwards. */
  function step(parameters: Parameters): { loss: number; gradients: Float32Array[]; updates: string[] } {
    const names = parameters.slots.filter((s) => s.trainable).map((s) => s.name);
    tf.engine().startScope();
    const weights = weightsOf(parameters);
    let updates: string[] = [];
    const { value, grads } = tf.valueAndGrads((...ws) => {
      const own = { ...weights, ...Object.fromEntries(names.map((n, i) => [n, ws[i]])) };
      const encoding = encode(own, encoder, grouping, { training: true });
      updates = Object.keys(encoding.updates);
      const x = tf.tensor2d(Float32Array.from(rng().normals(batch * draws * 9)), [batch * draws, 9]);
      const t = Array.from({ length: batch * draws }, (__, i) => 0.1 + 0.1 * i);
      const f = scaledScore(own, score, { feature: encoding.feature, x, t, sigma: t.map((v) => new VESDE().sigma(v)) });
      const pose = regress(own, head, encoding.feature);
      return tf.add(tf.mean(tf.square(tf.add(f, 1))), tf.mean(tf.square(tf.sub(pose, 1)))).asScalar();
    })(names.map((n) => weights[n]));
    const result = {
      loss: value.dataSync()[0],
      gradients: grads.map((g) => g.dataSync() as Float32Array),
      updates,
    };
    tf.engine().endScope();
    return result;
  }

  it("trains: finite gradients, none of the encoder's and the head's zero, no tensor left", () => {
    const parameters = createParameters(specs, rng());
    const before = tf.memory().numTensors;
    const { loss, gradients, updates } = step(parameters);
    expect(tf.memory().numTensors).toBe(before);
    expect(Number.isFinite(loss)).toBe(true);
    const names = parameters.slots.filter((s) => s.trainable).map((s) => s.name);
    gradients.forEach((g, i) => {
      expect(g.every(Number.isFinite), names[i]).toBe(true);
      // The score heads end in zeros: nothing before them moves in the first step.
      if (!/pose_encoder|t_encoder|fusion_tail/.test(names[i]) || names[i].startsWith(lastLayer(score)))
        expect(
          g.some((v) => v !== 0),
          names[i],
        ).toBe(true);
    });
    expect(updates.length).toBe(encoder.batchNorm ? 2 * 24 : 0);
  });

  it("does not see the order of points within a group", () => {
    tf.tidy(() => {
      const weights = weightsOf(createParameters(specs, rng()));
      const feature = encode(weights, encoder, grouping).feature.dataSync();
      const shuffled = encode(weights, encoder, reverseGroups(grouping, encoder)).feature.dataSync();
      expect(feature.length).toBe(batch * featureSize(encoder));
      feature.forEach((v, i) => {
        expect(shuffled[i]).toBeCloseTo(v, 4);
      });
    });
  });

  it("gives the same score by tensors and by the evaluator", () => {
    const parameters = scoreParameters(score);
    const feature = Float32Array.from(rng().normals(score.featureSize));
    const x = rng()
      .split("x")
      .normals(7 * 9);
    const evaluate = scoreEvaluator(parameters, score, feature);
    for (const t of [1e-5, 0.15, 0.55, 1]) {
      const sigma = new VESDE().sigma(t);
      const reference = tf.tidy(() =>
        tf
          .div(
            scaledScore(weightsOf(parameters), score, {
              feature: tf.tensor2d(feature, [1, score.featureSize]),
              x: tf.tensor2d(Float32Array.from(x), [7, 9]),
              t: new Array(7).fill(t),
              sigma: new Array(7).fill(sigma),
            }),
            sigma,
          )
          .arraySync(),
      ) as number[][];
      const scale = Math.max(...reference.flat().map(Math.abs));
      Array.from(evaluate(x, t)).forEach((v, i) => {
        expect(Math.abs(v - reference.flat()[i]) / scale).toBeLessThan(5e-5);
      });
    }
  });
});

/** The same groups with the neighbours of each centre in reverse order. */
function reverseGroups(grouping: Grouping, config: PointNet2Config): Grouping {
  const reversed = <T extends Int32Array | Float32Array>(array: T, samples: number, width: number): T => {
    const copy = array.slice() as T;
    const size = samples * width;
    for (let start = 0; start < array.length; start += size)
      for (let k = 0; k < samples; k++)
        copy.set(array.subarray(start + k * width, start + (k + 1) * width), start + (samples - 1 - k) * width);
    return copy;
  };
  return {
    ...grouping,
    levels: grouping.levels.map((level, l) => ({
      ...level,
      scales: level.scales.map(({ neighbours, relative }, q) => {
        const { samples } = config.levels[l].scales[q];
        return { neighbours: reversed(neighbours, samples, 1), relative: reversed(relative, samples, 3) };
      }),
    })),
  };
}

describe("score evaluator", () => {
  it("gives a row the same bits whatever the number of rows and its place", () => {
    const bound = bindScoreNetwork(scoreParameters(smallScoreNetwork), smallScoreNetwork);
    const score = bound.scoreOf(Float32Array.from(rng().normals(smallScoreNetwork.featureSize)));
    const x = rng()
      .split("x")
      .normals(130 * 9);
    const all = Float64Array.from(score(x, 0.4));
    for (const [first, count] of [
      [0, 1],
      [5, 2],
      [59, 7],
      [129, 1],
      [3, 64],
    ])
      expect(Float64Array.from(score(x.slice(9 * first, 9 * (first + count)), 0.4))).toEqual(
        all.slice(9 * first, 9 * (first + count)),
      );
  });

  it("keeps objects apart", () => {
    const bound = bindScoreNetwork(scoreParameters(smallScoreNetwork), smallScoreNetwork);
    const [a, b] = ["a", "b"].map((name) => bound.scoreOf(rng().split(name).normals(smallScoreNetwork.featureSize)));
    const x = rng().split("x").normals(9);
    const first = Float64Array.from(a(x, 0.3));
    expect(Float64Array.from(b(x, 0.3))).not.toEqual(first);
    expect(Float64Array.from(a(x, 0.3))).toEqual(first);
  });

  it("lets NaN through and refuses a foreign feature", () => {
    const bound = bindScoreNetwork(scoreParameters(smallScoreNetwork), smallScoreNetwork);
    const x = new Float64Array(9).fill(Number.NaN);
    expect(Number.isNaN(bound.scoreOf(new Float32Array(smallScoreNetwork.featureSize))(x, 0.3)[0])).toBe(true);
    expect(() => bound.scoreOf(new Float32Array(1024))).toThrow(/expected 512 = 512 numbers, got 1024/);
  });
});

describe("preconditioned score", () => {
  it("is that of N(0, σ_d²) before training: −x/(σ² + σ_d²), at every noise level", () => {
    const parameters = createParameters(scoreNetworkParameters(smallScoreNetwork), rng());
    const score = scoreEvaluator(parameters, smallScoreNetwork, new Float32Array(smallScoreNetwork.featureSize));
    const x = rng().normals(9);
    for (const t of [1e-5, 0.5, 1]) {
      const sigma = new VESDE().sigma(t);
      const deviation = smallScoreNetwork.preconditioning?.dataDeviation ?? [];
      Array.from(score(x, t)).forEach((v, d) => {
        expect(v).toBeCloseTo(-x[d] / (sigma ** 2 + deviation[d] ** 2), 8);
      });
    }
  });
});

describe("energy network", () => {
  it("has the energy's gradient as score", () => {
    tf.tidy(() => {
      const weights = weightsOf(scoreParameters(paperScoreNetwork));
      const t = [0.2, 0.5, 0.8];
      const input = {
        feature: tf.tensor2d(Float32Array.from(rng().normals(3 * 1024)), [3, 1024]),
        t,
        sigma: t.map((v) => new VESDE().sigma(v)),
      };
      const x = tf.tensor2d(Float32Array.from(rng().split("x").normals(27)), [3, 9]);
      const { score, energy } = energyAndScore(weights, paperScoreNetwork, { ...input, x });
      expect(energy.shape).toEqual([3, 2]);
      const gradient = tf.grad((v) =>
        tf.sum(energyAndScore(weights, paperScoreNetwork, { ...input, x: v as Tensor2D }).energy),
      )(x);
      const difference = tf.max(tf.abs(tf.sub(gradient, score))).dataSync()[0];
      expect(difference / tf.max(tf.abs(score)).dataSync()[0]).toBeLessThan(1e-5);
    });
  });

  it("can be trained through its score", () => {
    tf.tidy(() => {
      const parameters = scoreParameters(paperScoreNetwork);
      const weights = weightsOf(parameters);
      const name = "pose_encoder.2.weight";
      const gradient = tf
        .grad((w) =>
          tf.sum(
            tf.square(
              energyAndScore({ ...weights, [name]: w }, paperScoreNetwork, {
                feature: tf.zeros([1, 1024]),
                x: tf.ones([1, 9]),
                t: [0.5],
                sigma: [0.7],
              }).score,
            ),
          ),
        )(weights[name])
        .dataSync();
      expect(gradient.every(Number.isFinite)).toBe(true);
      expect(gradient.some((v) => v !== 0)).toBe(true);
    });
  });
});
