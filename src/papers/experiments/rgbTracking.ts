/**
 * @file Tracking in photos: the hypotheses of the last frame are where sampling starts in this one (paper B, appendix B;
 * Table 5, claim B9).
 */
import { photoSequence } from "../../datasets/procedural/photoSequence";
import { modeOfBoxes } from "../../estimation/boxAggregation";
import { trackingT0 } from "../../estimation/tracking";
import type { OrientedBox } from "../../geometry/box";
import { poseSizeDimension } from "../../geometry/poseSizeVector";
import { meanOfNumbers } from "../../metrics/averages";
import { type BoxError, boxError } from "../../metrics/boxError";
import { Rng } from "../../random";
import { priorNoise } from "../../samplers/priorNoise";
import { probabilityFlowOde } from "../../samplers/probabilityFlowOde";
import { pause } from "../pause";
import { embeddedRgbCheckpoint, loadRgbEstimator } from "../rgbEstimator";
import type { Experiment, ExperimentPart, PartContext } from "./experiment";
import { experimentPart } from "./experimentPart";
import { type RgbArm, rgbArm } from "./rgbHypotheses";
import { put, rgbObjectOf, rgbSampling } from "./rgbObjects";
import { seededPart } from "./seededPart";
import { rounded } from "./testObjects";

/** How much is measured. */
export interface RgbTrackingAmount {
  sequences: number;
  frames: number;
  seeds: number;
  hypotheses: number;
  /** The network's file. */
  model: string;
}

/** One arm, over all frames but the first of each sequence. */
export type RgbTrackingArm = RgbArm & { meanDeg: number; meanCm: number; nfe: number; framesPerSecond: number };

const tolerance = { rtol: 1e-3, atol: 1e-3, maxNfe: 5000, denoise: false } as const;

/**
 * Where each arm starts. 0.15 is the published one; a tracker's lag is c·v/(1 − c) with c = √((s² + σ(0)²)/(s² + σ(T₀)²)),
 * so that the wider the hypotheses lie (s; a photo leaves much open), the larger T₀ has to be.
 */
const starts = { tracking: trackingT0, "tracking, T₀ = 0.3": 0.3, "from scratch": undefined } as const;

/** Track and estimate anew, frame by frame, side by side. */
async function measure(
  { sequences, frames, hypotheses, model }: RgbTrackingAmount,
  seed: number,
  context: PartContext,
): Promise<Record<string, RgbTrackingArm>> {
  const estimator = loadRgbEstimator(model);
  const shift = modeOfBoxes();
  const names = Object.keys(starts) as (keyof typeof starts)[];
  const errors: Record<string, BoxError[]> = {};
  const calls: Record<string, number[]> = {};
  const times: Record<string, number[]> = {};
  try {
    for (let s = 0; s < sequences; s++) {
      const { frame } = photoSequence("test", s, { seed });
      const before: Record<string, readonly OrientedBox[]> = {};
      for (let i = 0; i < frames; i++) {
        await pause(context);
        const object = rgbObjectOf(estimator, frame(i), i);
        const z = priorNoise(new Rng(seed).split("rgb tracking").split(s).split(i), hypotheses, poseSizeDimension);
        const sample = (start: { t0: number; init?: Float64Array }) => {
          const { x, nfe } = probabilityFlowOde(object.score, z, { ...tolerance, ...start });
          return { boxes: object.boxesOf(x), nfe };
        };
        const fromScratch = { t0: rgbSampling.t0 };
        if (i === 0) {
          // Every arm begins from scratch.
          const { boxes } = sample(fromScratch);
          for (const name of names) before[name] = boxes;
          continue;
        }
        for (const name of names) {
          const began = performance.now();
          const t0 = starts[name];
          const { boxes, nfe } = sample(t0 ? { t0, init: object.vectorsOf(before[name]) } : fromScratch);
          const answer = shift(boxes);
          before[name] = boxes;
          put(errors, name, boxError(answer, object.truth));
          put(calls, name, nfe);
          put(times, name, object.encodeMs + performance.now() - began);
        }
        context.progress((s + i / frames) / sequences, `sequence ${s + 1} of ${sequences}`);
      }
    }
  } finally {
    estimator.dispose();
  }
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        ...rgbArm(errors[name]),
        meanDeg: rounded(meanOfNumbers(errors[name].map((e) => e.errorDeg))),
        meanCm: rounded(meanOfNumbers(errors[name].map((e) => e.errorCm))),
        nfe: rounded(meanOfNumbers(calls[name])),
        framesPerSecond: rounded(1000 / meanOfNumbers(times[name])),
      },
    ]),
  );
}

/** The parts; smaller amounts for a quick look. */
export const rgbTrackingParts = (amount: RgbTrackingAmount): ExperimentPart[] =>
  Array.from({ length: amount.seeds }, (_, seed) =>
    experimentPart(seededPart("arms", seed), (context) => measure(amount, seed, context)),
  );

export const rgbTracking: Experiment = {
  name: "rgbTracking",
  title:
    "Tracking in photos: a warm start from the last frame's hypotheses against every frame from scratch (B9; Table 5)",
  question:
    "B9: does tracking need fewer function calls a frame than single-frame estimation, at equal accuracy? 12 sequences of 30 photos in each of 3 seeds, K = 50, the probability-flow ODE (tolerance 10⁻³), from t = 0.15 around the last frame's hypotheses against from t = 1. It holds if in every seed tracking needs at most 0.7 times as many score calls a frame, and in the mean over seeds is at most 2 points below at 10°10cm. Not decisive: a start from T₀ = 0.3, which should lag less, because the hypotheses lie wide.",
  photos: true,
  reads: [embeddedRgbCheckpoint],
  parts: () => rgbTrackingParts({ sequences: 12, frames: 30, seeds: 3, hypotheses: 50, model: embeddedRgbCheckpoint }),
};
