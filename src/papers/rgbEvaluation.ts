/**
 * @file Scores of paper B's network on photos whose objects are known.
 */
import { assertInput } from "../check";
import type { PhotoSample } from "../datasets/procedural/proceduralPhoto";
import { bestOfK, meanBox, modeOfBoxes } from "../estimation/boxAggregation";
import type { OrientedBox } from "../geometry/box";
import { categories, isCategory, type NocsCategory } from "../geometry/symmetry";
import { medianOfNumbers } from "../metrics/averages";
import { type BoxAccuracy, type BoxError, type BoxTruth, boxAccuracy, boxError } from "../metrics/boxError";
import { scalePriorAnswer } from "../metrics/scalePrior";
import type { Condition } from "../models/viewEncoder";
import { Rng } from "../random";
import { exponentialScaling } from "../samplers/scoreScaling";
import type { RgbEstimate, RgbEstimator } from "./rgbEstimator";
import { rgbSizePriors } from "./rgbSizePriors";

/** A way from sampled hypotheses to one answer; `truth` is for oracles and ceilings only. */
export interface RgbMethod {
  name: string;
  /** Whether the hypotheses are sampled with exponential score scaling (paper A, eq. 8). */
  scaled?: boolean;
  answer: (estimate: RgbEstimate, truth: BoxTruth) => OrientedBox | undefined;
}

/** Objects from which the ceilings' sizes are taken. */
const priorObjects = 1200;

/** How far an answer is off, in one number, for the oracle: an angle of 10° counts as much as 10 cm. */
const distanceTo =
  (truth: BoxTruth) =>
  (box: OrientedBox): number => {
    const { errorDeg, errorCm } = boxError(box, truth);
    return errorDeg + errorCm;
  };

/**
 * The rows of a card: the regression head, one hypothesis, the mean and the modes of all (Table 4), one hypothesis and the
 * modes with paper A's score scaling, the oracle («S» of Table 1), and the ceiling of one who sees all but the scale.
 */
export function rgbMethods(): RgbMethod[] {
  const known = rgbSizePriors(priorObjects);
  return [
    { name: "regression head", answer: ({ regression }) => regression },
    { name: "K = 1", answer: ({ hypotheses }) => hypotheses[0] },
    { name: "mean of K", answer: ({ hypotheses }) => meanBox(hypotheses) },
    { name: "Mean Shift++ of K", answer: ({ hypotheses }) => modeOfBoxes()(hypotheses) },
    { name: "score scaling, K = 1", scaled: true, answer: ({ hypotheses }) => hypotheses[0] },
    {
      name: "score scaling, Mean Shift++ of K",
      scaled: true,
      answer: ({ hypotheses }) => modeOfBoxes()(hypotheses),
    },
    { name: "best of K (oracle)", answer: ({ hypotheses }, truth) => bestOfK(hypotheses, distanceTo(truth)) },
    { name: "ceiling without scale", answer: (_, truth) => scalePriorAnswer(truth, known) },
    {
      name: "ceiling, mean size",
      answer: (_, truth) => scalePriorAnswer(truth, known, { proportions: "mean" }),
    },
  ];
}

/** Errors of one photo under one sampling seed, a row per method (undefined: the network has no such head). */
export interface PhotoErrors {
  category: NocsCategory;
  seed: number;
  errors: (BoxError | undefined)[];
  /** Of the estimate without scaling. */
  ms: number;
  nfe: number;
}

/** Options of `photoErrors`. */
export interface RgbEvaluationOptions {
  /** K. */
  hypotheses?: number;
  /** Sampling seeds; each photo draws from a stream of its own. */
  seeds?: readonly number[];
  without?: readonly Condition[];
}

/**
 * Estimate every photo under every seed, yielding as it goes.
 *
 * @throws InputError for a photo of an object beyond the six categories
 */
export function* photoErrors(
  estimator: Pick<RgbEstimator, "estimate">,
  photos: Iterable<PhotoSample>,
  methods: readonly RgbMethod[],
  { hypotheses = 50, seeds = [0, 1, 2], without }: RgbEvaluationOptions = {},
): Generator<PhotoErrors> {
  let index = 0;
  for (const photo of photos) {
    const { category, pose, size, handleVisible, predicted, rgb, camera, box } = photo;
    assertInput(
      isCategory(category),
      `photoErrors: ${photo.id} shows a ${category}; give one of ${categories.join(", ")}`,
    );
    const truth: BoxTruth = { category, box: { ...pose, size }, handleVisible };
    for (const seed of seeds) {
      const view = { rgb, camera, box, category, geometry: predicted };
      const options = { hypotheses, seed: new Rng(seed).split("photo").split(index).seed, without };
      const estimate = estimator.estimate(view, options);
      const scaledEstimate = methods.some(({ scaled }) => scaled)
        ? estimator.estimate(view, { ...options, options: { scaling: exponentialScaling() } })
        : estimate;
      const errors = methods.map(({ scaled, answer }) => {
        const found = answer(scaled ? scaledEstimate : estimate, truth);
        return found && boxError(found, truth);
      });
      yield { category, seed, errors, ms: estimate.ms, nfe: estimate.nfe };
    }
    index++;
  }
}

/** Accuracy and medians of a set of answers. */
export interface RgbScore extends BoxAccuracy {
  answers: number;
  medianDeg: number;
  medianCm: number;
  medianDistanceCm: number;
  medianBearingCm: number;
}

/** One method's scores: all answers, each category's, and how much `all` differs between seeds. */
export interface RgbMethodScores {
  method: string;
  all: RgbScore;
  /** Largest less smallest value over the sampling seeds. */
  spread: BoxAccuracy;
  byCategory: Partial<Record<NocsCategory, RgbScore>>;
}

function scoreOf(errors: readonly BoxError[]): RgbScore {
  return {
    answers: errors.length,
    ...boxAccuracy(errors),
    medianDeg: medianOfNumbers(errors.map((e) => e.errorDeg)),
    medianCm: medianOfNumbers(errors.map((e) => e.errorCm)),
    medianDistanceCm: medianOfNumbers(errors.map((e) => e.distanceCm)),
    medianBearingCm: medianOfNumbers(errors.map((e) => e.bearingCm)),
  };
}

/** Gather the errors into scores; a method without answers is left out. @throws InputError for no photo */
export function summarizeRgb(rows: readonly PhotoErrors[], methods: readonly RgbMethod[]): RgbMethodScores[] {
  assertInput(rows.length > 0, "summarizeRgb: got no errors; evaluate at least one photo");
  return methods.flatMap(({ name }, m): RgbMethodScores[] => {
    const of = (chosen: readonly PhotoErrors[]): BoxError[] => chosen.flatMap(({ errors }) => errors[m] ?? []);
    const all = of(rows);
    if (all.length === 0) return [];
    const bySeed = [...new Set(rows.map(({ seed }) => seed))].map((seed) =>
      boxAccuracy(of(rows.filter((row) => row.seed === seed))),
    );
    const columns = Object.keys(bySeed[0]) as (keyof BoxAccuracy)[];
    const spread = Object.fromEntries(
      columns.map((column) => {
        const values = bySeed.map((accuracy) => accuracy[column]);
        return [column, Math.max(...values) - Math.min(...values)];
      }),
    ) as unknown as BoxAccuracy;
    const byCategory: RgbMethodScores["byCategory"] = {};
    for (const category of categories) {
      const own = of(rows.filter((row) => row.category === category));
      if (own.length > 0) byCategory[category] = scoreOf(own);
    }
    return [{ method: name, all: scoreOf(all), spread, byCategory }];
  });
}
