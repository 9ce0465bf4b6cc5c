/**
 * @file Accuracy of one hypothesis by the adaptive PF-ODE, for several noise seeds.
 */
import { meanOfNumbers, medianOfNumbers } from "../../metrics/averages";
import { probabilityFlowOde } from "../../samplers/probabilityFlowOde";
import type { ScoreScaling } from "../../samplers/scoreScaling";
import { pause } from "../pause";
import type { PartContext } from "./experiment";
import { accuracyBySeed, errorsOfState, rounded, startingNoise, testObjects } from "./testObjects";

/** Accuracy, errors and cost. */
export interface OdeAccuracy {
  objects: number;
  /** Percent within 5°2cm, 5°5cm, 10°2cm, 10°5cm; one row per noise seed. */
  accuracy: number[][];
  medianDeg: number;
  medianCm: number;
  /** Mean number of score calls of a hypothesis. */
  nfe: number;
  /** Objects one of whose integrations ran out of score calls; they count as they are. */
  unfinished: number;
}

/** `seeds` hypotheses, each a K = 1 of its own, for each of the first `count` test objects. */
export async function measureOde(
  { scaling, t0, detectorError }: { scaling: ScoreScaling; t0: number; detectorError?: number },
  count: number,
  seeds: number,
  context: PartContext,
): Promise<OdeAccuracy> {
  const objects = await testObjects(count, context, { detectorError });
  const [errors, calls] = [[] as ReturnType<typeof errorsOfState>[], [] as number[]];
  let unfinished = 0;
  for (const object of objects) {
    await pause(context);
    const options = { t0, scaling, perHypothesis: true };
    const { x, nfe, status } = probabilityFlowOde(object.score, startingNoise(object, seeds), options);
    if (status !== "finished") unfinished++;
    errors.push(errorsOfState(object, x));
    calls.push(nfe / seeds);
    context.progress(errors.length / count, `t₀ = ${t0}`);
  }
  return {
    objects: count,
    accuracy: accuracyBySeed(errors),
    medianDeg: rounded(medianOfNumbers(errors.flat().map((e) => e.errorDeg))),
    medianCm: rounded(medianOfNumbers(errors.flat().map((e) => e.errorCm))),
    nfe: rounded(meanOfNumbers(calls)),
    unfinished,
  };
}
