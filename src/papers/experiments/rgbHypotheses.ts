/**
 * @file Hypotheses of paper B: how many, how they become one, how they spread, and the ceiling without scale (Tables 1, 3
 * and 4, Fig. 4; claims B1, B2, B5, B7).
 */
import { proceduralPhoto } from "../../datasets/procedural/proceduralPhoto";
import { bestOfK, meanBox, meanOfBestBoxes, modeOfBoxes } from "../../estimation/boxAggregation";
import { boxModes } from "../../estimation/poseMode";
import type { OrientedBox } from "../../geometry/box";
import { poseSizeDimension } from "../../geometry/poseSizeVector";
import { symmetricAboutY } from "../../geometry/symmetry";
import { norm } from "../../geometry/vector";
import { type ApCurves, apCurves } from "../../metrics/apCurves";
import { meanOfNumbers, medianOfNumbers } from "../../metrics/averages";
import { axisDistribution } from "../../metrics/axisDistribution";
import { type BoxAccuracy, type BoxError, boxAccuracy, boxError } from "../../metrics/boxError";
import type { EvaluatedImage } from "../../metrics/nocsMap";
import { scalePriorAnswer } from "../../metrics/scalePrior";
import { Rng } from "../../random";
import { ddim } from "../../samplers/ddim";
import { logLikelihood } from "../../samplers/likelihood";
import { priorNoise } from "../../samplers/priorNoise";
import { exponentialScaling } from "../../samplers/scoreScaling";
import { pause } from "../pause";
import { embeddedRgbCheckpoint } from "../rgbEstimator";
import { embeddedRgbRanker, loadRgbRanker } from "../rgbRanker";
import { rgbSizePriors } from "../rgbSizePriors";
import type { PhotoView } from "../rgbView";
import type { Experiment, ExperimentPart, PartContext } from "./experiment";
import { experimentPart } from "./experimentPart";
import { photoView, put, type RgbObject, rgbObjects, rgbSampling } from "./rgbObjects";
import { seededPart } from "./seededPart";
import { rounded } from "./testObjects";

/** How much is measured. */
export interface RgbHypothesesAmount {
  objects: number;
  seeds: number;
  /** The largest K; smaller ones are its first rows. */
  hypotheses: number;
  /** Objects whose hypotheses are ranked by likelihood, too. */
  ranked: number;
  /** Objects behind the size priors. */
  priorObjects: number;
  /** The network's file. */
  model: string;
  /** File of the ranker. */
  ranker: string;
}

/** One way to an answer, over all objects. */
export type RgbArm = BoxAccuracy & {
  /** Errors of the median object. */
  medianDeg: number;
  medianCm: number;
  medianDistanceCm: number;
  medianBearingCm: number;
};

/** What one sampling seed gave. */
export type RgbSeedResult = {
  arms: Record<string, RgbArm>;
  /** Of Mean Shift++ at K = 50. */
  byCategory: Record<string, RgbArm>;
  /** AP by thresholds of Mean Shift++ at K = 50 (Fig. 3); an answer's score is the share of hypotheses in its modes. */
  curves: ApCurves;
  /** Entropy of the angle about y of 50 hypotheses, 0 one angle … 1 uniform: the median object's, and the axis's error. */
  spread: Record<"symmetric" | "other", { objects: number; entropy: number; axisSpreadDeg: number }>;
  /** Where the true distance ranks among 50 hypotheses' distances, percent by fifths; even is calibrated. */
  distanceRanks: Record<"unscaled" | "exponential", number[]>;
  /** Score calls of one answer. */
  nfe: Record<string, number>;
};

/** Ranking by an energy network and by the learned density, beside Mean Shift++. */
export type RgbRankingResult = { arms: Record<string, RgbArm>; framesPerSecond: Record<string, number> };

const many = 50;

/** The summary of an arm. */
export function rgbArm(errors: readonly BoxError[]): RgbArm {
  const accuracy = boxAccuracy(errors);
  const median = (of: (e: BoxError) => number): number => rounded(medianOfNumbers(errors.map(of)));
  return {
    ...(Object.fromEntries(
      Object.entries(accuracy).map(([name, percent]) => [name, rounded(percent)]),
    ) as unknown as BoxAccuracy),
    medianDeg: median((e) => e.errorDeg),
    medianCm: median((e) => e.errorCm),
    medianDistanceCm: median((e) => e.distanceCm),
    medianBearingCm: median((e) => e.bearingCm),
  };
}

/** The oracle's order: the larger of rotation and translation error, in units of 10° and 10 cm. */
const farness = ({ errorDeg, errorCm }: BoxError): number => Math.max(errorDeg / 10, errorCm / 10);

/** The noise of an object: row k is the same whatever K is. */
const noiseOf = ({ index }: RgbObject, seed: number, rows: number): Float64Array =>
  priorNoise(new Rng(seed).split("rgb hypotheses").split(index), rows, poseSizeDimension);

/** In which fifth of the hypotheses' distances the true one lies, 0 … 4. */
function rankFifth(boxes: readonly OrientedBox[], truth: OrientedBox): number {
  const nearer = boxes.filter(({ translation }) => norm(translation) < norm(truth.translation)).length;
  return Math.min(4, Math.floor((5 * nearer) / (boxes.length + 1)));
}

/** Thresholds of Fig. 3, and what counts: every answer, whatever its box's overlap is. */
const curveThresholds = {
  withinDeg: Array.from({ length: 13 }, (_, i) => 5 * i),
  withinCm: Array.from({ length: 16 }, (_, i) => 2 * i),
  iouThresholds: Array.from({ length: 21 }, (_, i) => i / 20),
  poseIou: undefined,
  skipAbsent: true,
};

/** How sure an answer is: the least share of hypotheses in the mode of rotation, translation or size. */
function certainty(boxes: readonly OrientedBox[]): number {
  const { rotation, translation, size } = boxModes(boxes);
  return Math.min(rotation.counts[0], translation.counts[0], size.counts[0]) / boxes.length;
}

const roundedCurves = (curves: ApCurves): ApCurves =>
  Object.fromEntries(
    Object.entries(curves).map(([name, { thresholds, perCategory, mean }]) => [
      name,
      {
        thresholds,
        perCategory: Object.fromEntries(
          Object.entries(perCategory as Record<string, number[]>).map(([category, ap]) => [category, ap.map(rounded)]),
        ),
        mean: (mean as number[]).map(rounded),
      },
    ]),
  ) as unknown as ApCurves;

/** Mean angle between the hypotheses' y axes and their mean axis, degrees. */
function axisSpread(boxes: readonly OrientedBox[]): number {
  const axes = boxes.map(({ rotation: r }) => [r[1], r[4], r[7]]);
  const sum = [0, 1, 2].map((k) => axes.reduce((total, axis) => total + axis[k], 0));
  const length = Math.hypot(...sum);
  return meanOfNumbers(
    axes.map((a) => {
      const cosine = (a[0] * sum[0] + a[1] * sum[1] + a[2] * sum[2]) / length;
      return (180 / Math.PI) * Math.acos(Math.min(1, Math.max(-1, cosine)));
    }),
  );
}

async function measureSeed(amount: RgbHypothesesAmount, seed: number, context: PartContext): Promise<RgbSeedResult> {
  const objects = await rgbObjects(amount.objects, amount.model, context);
  const errors: Record<string, BoxError[]> = {};
  const byCategory: Record<string, BoxError[]> = {};
  const spreads = { symmetric: [] as [number, number][], other: [] as [number, number][] };
  const ranks = { unscaled: new Array<number>(5).fill(0), exponential: new Array<number>(5).fill(0) };
  const shift = modeOfBoxes();
  const images: EvaluatedImage[] = [];
  for (const [done, object] of objects.entries()) {
    await pause(context);
    const z = noiseOf(object, seed, amount.hypotheses);
    const boxes = object.boxesOf(ddim(object.score, z, rgbSampling).x);
    const guided = object.boxesOf(
      ddim(object.score, z.subarray(0, many * poseSizeDimension), { ...rgbSampling, scaling: exponentialScaling() }).x,
    );
    const fifty = boxes.slice(0, many);
    const score = (answer: OrientedBox): BoxError => boxError(answer, object.truth);
    for (const k of [1, 10, many, amount.hypotheses])
      put(errors, `Mean Shift++, K = ${k}`, score(k === 1 ? boxes[0] : shift(boxes.slice(0, k))));
    const answer = shift(fifty);
    const mode = score(answer);
    images.push({
      predictions: [{ category: object.truth.category, box: answer, score: certainty(fifty) }],
      truths: [object.truth],
    });
    put(byCategory, object.truth.category, mode);
    put(errors, `mean of all, K = ${many}`, score(meanBox(fifty)));
    put(errors, `oracle, K = ${many}`, score(bestOfK(fifty, (box) => farness(score(box)))));
    put(errors, "exponential score scaling, K = 1", score(guided[0]));
    put(errors, `exponential score scaling, Mean Shift++, K = ${many}`, score(shift(guided)));
    const { category, handleVisible = true } = object.truth;
    const kind = symmetricAboutY(category, handleVisible) ? "symmetric" : "other";
    spreads[kind].push([axisDistribution(fifty, object.truth.box).entropy, axisSpread(fifty)]);
    ranks.unscaled[rankFifth(fifty, object.truth.box)]++;
    ranks.exponential[rankFifth(guided, object.truth.box)]++;
    context.progress((done + 1) / objects.length, `seed ${seed}`);
  }
  const armsOf = (rows: Record<string, BoxError[]>): Record<string, RgbArm> =>
    Object.fromEntries(Object.entries(rows).map(([name, own]) => [name, rgbArm(own)]));
  const spreadOf = (rows: readonly [number, number][]): RgbSeedResult["spread"]["other"] => ({
    objects: rows.length,
    entropy: rows.length > 0 ? rounded(medianOfNumbers(rows.map(([entropy]) => entropy))) : 0,
    axisSpreadDeg: rows.length > 0 ? rounded(medianOfNumbers(rows.map(([, spread]) => spread))) : 0,
  });
  const percent = (counts: readonly number[]): number[] => counts.map((n) => rounded((100 * n) / objects.length));
  return {
    arms: armsOf(errors),
    byCategory: armsOf(byCategory),
    curves: roundedCurves(apCurves(images, curveThresholds)),
    spread: { symmetric: spreadOf(spreads.symmetric), other: spreadOf(spreads.other) },
    distanceRanks: { unscaled: percent(ranks.unscaled), exponential: percent(ranks.exponential) },
    nfe: { "K = 1": rgbSampling.steps, [`K = ${many}`]: rgbSampling.steps * many },
  };
}

/** All ways from the same 50 hypotheses of an object; a ranking pays for its encoder, or for the likelihoods. */
async function measureRanking(
  { ranked: count, model, ranker: rankerPath }: RgbHypothesesAmount,
  seed: number,
  context: PartContext,
): Promise<RgbRankingResult> {
  const objects = await rgbObjects(count, model, context);
  const ranker = loadRgbRanker(rankerPath);
  const ways: Readonly<
    Record<string, (object: RgbObject, boxes: readonly OrientedBox[], x: Float64Array, view: PhotoView) => OrientedBox>
  > = {
    "mean of all": (_, boxes) => meanBox(boxes),
    "energy, best 60 %": (_, boxes, __, view) => meanOfBestBoxes(boxes, ranker.energies(view, boxes)),
    "likelihood, best 60 %": (object, boxes, x) => {
      const { nats } = logLikelihood(object.score, x, {
        dimension: poseSizeDimension,
        probe: priorNoise(new Rng(seed).split("probe").split(object.index), boxes.length, poseSizeDimension),
        rtol: 1e-2,
        atol: 1e-2,
      });
      return meanOfBestBoxes(boxes, { rotation: nats, translation: nats, size: nats });
    },
    "Mean Shift++": (_, boxes) => modeOfBoxes()(boxes),
  };
  const errors: Record<string, BoxError[]> = {};
  const ms: Record<string, number[]> = {};
  for (const [done, object] of objects.entries()) {
    await pause(context);
    const view = photoView(proceduralPhoto("test", object.index));
    const began = performance.now();
    const { x } = ddim(object.score, noiseOf(object, seed, many), rgbSampling);
    const boxes = object.boxesOf(x);
    const shared = object.encodeMs + performance.now() - began;
    for (const [name, way] of Object.entries(ways)) {
      const start = performance.now();
      const answer = way(object, boxes, x, view);
      put(ms, name, shared + performance.now() - start);
      put(errors, name, boxError(answer, object.truth));
    }
    context.progress((done + 1) / objects.length, "ranking");
  }
  ranker.dispose();
  return {
    arms: Object.fromEntries(Object.entries(errors).map(([name, own]) => [name, rgbArm(own)])),
    framesPerSecond: Object.fromEntries(
      Object.entries(ms).map(([name, own]) => [name, rounded(1000 / medianOfNumbers(own))]),
    ),
  };
}

/** Perfect rotation and bearing, size of the category's mean: no sampling at all. */
async function measureCeiling(
  { objects: count, priorObjects, model }: RgbHypothesesAmount,
  context: PartContext,
): Promise<Record<string, RgbArm>> {
  const priors = rgbSizePriors(priorObjects);
  const objects = await rgbObjects(count, model, context);
  const arm = (proportions: "seen" | "mean"): RgbArm =>
    rgbArm(objects.map(({ truth }) => boxError(scalePriorAnswer(truth, priors, { proportions }), truth)));
  return { "proportions seen": arm("seen"), "proportions of the mean": arm("mean") };
}

/** The parts; smaller amounts for a quick look. */
export const rgbHypothesesParts = (amount: RgbHypothesesAmount): ExperimentPart[] => {
  const seeds = Array.from({ length: amount.seeds }, (_, seed) => seed);
  return [
    experimentPart("ceiling", (context) => measureCeiling(amount, context)),
    ...seeds.map((seed) =>
      experimentPart(seededPart("hypotheses", seed), (context) => measureSeed(amount, seed, context)),
    ),
    ...seeds.map((seed) =>
      experimentPart(seededPart("ranking", seed), (context) => measureRanking(amount, seed, context)),
    ),
  ];
};

export const rgbHypotheses: Experiment = {
  name: "rgbHypotheses",
  title: "Pose and size from one photo: how many hypotheses, how they become one, how they spread (B1, B2, B5, B7)",
  question:
    "300 unseen photos, 3 sampling seeds, DDIM of 50 steps from t = 1. B1: is Mean Shift++ on 50 hypotheses as good as ranking, and faster? Ranking takes the best 60 % by an energy network, as in Table 4. It holds if Mean Shift++ is at most 1 point below at 10°10cm and at IoU50 (published form), mean over seeds, and answers at least 1.2 times as many frames per second. Not decisive: the best 60 % by the likelihood under the score network itself. B2: does accuracy rise with K and level off? It holds if at 10°10cm K = 10 gains at least 2 points over K = 1, K = 50 is not below K = 10, and K = 100 differs from K = 50 by at most 1.5 points. B5: does the distribution hold the answer? It holds if the oracle's best of 50 is at least 20 points above Mean Shift++ at 10°10cm. B7: it holds if the median entropy of the angle about y is at least 0.7 for symmetric objects and at most 0.5 for the others, in every seed. Not decisive: one guided hypothesis against Mean Shift++ on 50, on accuracy, score calls and the calibration of distances.",
  photos: true,
  reads: [embeddedRgbCheckpoint, embeddedRgbRanker],
  parts: () =>
    rgbHypothesesParts({
      objects: 300,
      seeds: 3,
      hypotheses: 100,
      ranked: 120,
      priorObjects: 3000,
      model: embeddedRgbCheckpoint,
      ranker: embeddedRgbRanker,
    }),
};
