/**
 * @file The energy network as a plain function: one object, any number of hypotheses.
 */
import type { Score } from "../sde/sde";
import { VESDE } from "../sde/vesde";
import { energyParts } from "./energyNetwork";
import type { Parameters } from "./params";
import { bindScoreNetwork, type ScoreEvaluatorOptions } from "./scoreEvaluator";
import { dimensionOf, type ScoreNetworkConfig, scoreCoefficients } from "./scoreNetwork";

/** Energies of K hypotheses; a higher one is a likelier rotation or translation. */
export interface Energies {
  rotation: Float64Array;
  translation: Float64Array;
  /** Of a network of pose and size (D = 12). */
  size?: Float64Array;
}

/** The energies E(x, t) of one object for x of K × D numbers. */
export type Energy = (x: Float64Array, t: number) => Energies;

/** An energy network whose weights lie packed in memory. */
export interface BoundEnergyNetwork {
  /** @param feature F numbers of the energy network's own encoder */
  energyOf(feature: ArrayLike<number>): Energy;
}

/**
 * Pack the network for evaluation, on the score evaluator's kernel: the energy E = Σ x·u needs the network's output
 * only, not its gradient, so ranking K hypotheses costs one score call.
 */
export function bindEnergyNetwork(
  parameters: Parameters,
  config: ScoreNetworkConfig,
  { sde = new VESDE() }: ScoreEvaluatorOptions = {},
): BoundEnergyNetwork {
  const { scoreOf } = bindScoreNetwork(parameters, config, { sde });
  return { energyOf: (feature) => energyOf(scoreOf(feature), config, sde) };
}

function energyOf(score: Score, config: ScoreNetworkConfig, sde: { sigma(t: number): number }): Energy {
  const dimension = dimensionOf(config);
  return (x, t) => {
    const sigma = sde.sigma(t);
    const c = scoreCoefficients(config, [sigma]);
    const s = score(x, t);
    const sumOver = (row: number, { from, to }: { from: number; to: number }): number => {
      let sum = 0;
      for (let d = from; d < to; d++) {
        const i = row * dimension + d;
        // What the score network has beyond u: half its skip, or 1e-7 in the divisor (see energyCoefficients).
        const u = c ? s[i] - (c.skip[d] / (2 * sigma)) * x[i] : s[i] * ((sigma + 1e-7) / sigma);
        sum += x[i] * u;
      }
      return sum;
    };
    const part = (range: { from: number; to: number }): Float64Array =>
      Float64Array.from({ length: x.length / dimension }, (_, row) => sumOver(row, range));
    const { rotation, translation, size } = energyParts;
    return {
      rotation: part(rotation),
      translation: part(translation),
      ...(size.to <= dimension && { size: part(size) }),
    };
  };
}
