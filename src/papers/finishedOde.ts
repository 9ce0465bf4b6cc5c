/**
 * @file The samplers that estimators take unless told otherwise.
 */
import { assertInput } from "../check";
import { probabilityFlowOde } from "../samplers/probabilityFlowOde";
import type { Sampled, SamplerOptions } from "../samplers/sampler";
import type { Score } from "../sde/sde";

/** What a sampler is called with: `probabilityFlowOde`, `ddim`, or one's own. */
export type PoseSampler = (score: Score, z: Float64Array, options: SamplerOptions) => Sampled;

/**
 * The probability-flow ODE to its end.
 *
 * @param perHypothesis true: one integration per hypothesis, so that hypothesis k has the same bits whatever K is;
 *   false: one for all, as published
 * @returns a sampler; it throws an InputError if it runs out of score calls: its state would be no pose yet
 */
export const finishedOde =
  ({ perHypothesis }: { perHypothesis: boolean }): PoseSampler =>
  (score, z, options) => {
    const sampled = probabilityFlowOde(score, z, { ...options, perHypothesis });
    assertInput(
      sampled.status === "finished",
      `estimate: the sampler stopped before the end (${sampled.message}); use weaker score scaling, another seed, or ddim`,
    );
    return sampled;
  };
