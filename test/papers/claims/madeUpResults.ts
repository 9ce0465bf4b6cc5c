/**
 * @file Made-up results of experiments, in the shape of measured ones, in which a claim comes out as wished.
 */
import type { ParameterCounts } from "../../../src/papers/experiments/aggregation";
import { type CrossCategoryResult, withoutLooking } from "../../../src/papers/experiments/crossCategory";
import type { DiscreteModesResult } from "../../../src/papers/experiments/discreteModes";
import { jointLearningSteps } from "../../../src/papers/experiments/jointLearning";
import type { LearningCurve } from "../../../src/papers/experiments/learningCurve";
import type { ModeSeekingResult, ModeSeekingSpeed } from "../../../src/papers/experiments/modeSeeking";
import { aloneArm } from "../../../src/papers/experiments/realFolds";
import type { HalfScores } from "../../../src/papers/experiments/realTemplateScores";
import type { LayerScores } from "../../../src/papers/experiments/realTemplates";
import type { RgbArm, RgbRankingResult, RgbSeedResult } from "../../../src/papers/experiments/rgbHypotheses";
import type { PoseShares } from "../../../src/papers/experiments/rgbMetricDepth";
import type { RgbTrackingArm } from "../../../src/papers/experiments/rgbTracking";
import type { RgbVariantResult } from "../../../src/papers/experiments/rgbVariants";
import type { SchedulesResult } from "../../../src/papers/experiments/schedules";
import type { MultiModalScore } from "../../../src/papers/experiments/scoreMultiModal";
import type { SpeedRow } from "../../../src/papers/experiments/singleHypothesis";
import type { ToyMatchingScore } from "../../../src/papers/experiments/toyMatching";
import type { TrackingArm } from "../../../src/papers/experiments/tracking";
import type { TrajectoriesResult } from "../../../src/papers/experiments/trajectories";

/** What a claim reads of each part of its experiment, by the part's name. */
export type PartMaker = (part: string, holds: boolean) => unknown;

/** Two seeds whose four accuracies are all about `mean`. */
const accuracy = (mean: number): number[][] => [0, 1].map((seed) => Array(4).fill(mean + seed - 0.5));

/** A curve over all phases that rises evenly to `end`. */
function curve(end: number, regression: number = end): LearningCurve {
  const { pretraining, total } = jointLearningSteps;
  const step = [pretraining / 2, pretraining, (pretraining + total) / 2, total];
  const rise = (to: number): number[][] => step.map((_, i) => Array(4).fill((to * (i + 1)) / step.length));
  return { step, guided: rise(end), regression: rise(regression) };
}

const startsWith = (part: string, name: string): boolean => part.startsWith(name);

const distribution = (entropy: number): SchedulesResult["distribution"] =>
  ({ entropy }) as SchedulesResult["distribution"];

const end = (size: number): TrajectoriesResult["end"] =>
  [0, 1].map((seed) => ({ meanDeg: size + seed, deviationDeg: size, meanCm: size, deviationCm: size }));

const speed = (ranker: boolean, parameters: number): SpeedRow => ({
  hypotheses: ranker ? 50 : 1,
  ranker,
  framesPerSecond: 9,
  parameters,
});

/** K = 1 at `guided` and `unguided`, the best of 50 at `ranked`. */
function hypotheses(part: string, guided: number, ranked: number, unguided: number, share: number): unknown {
  if (part === "speed") return { one: speed(false, 1e6 * share), many: speed(true, 1e6) };
  if (startsWith(part, "K = 1,")) return { accuracy: accuracy(part.endsWith("unscaled") ? unguided : guided) };
  return { arms: { "ranked, best 60 %": { accuracy: accuracy(ranked) } } };
}

const crossScore = (mean: number): NonNullable<CrossCategoryResult["scores"]["bowl"]> => {
  const score = { accuracy: Array(4).fill(mean), medianDeg: 9, medianCm: 1 };
  return { guided: score, regression: score };
};

const modes = (bothModes: number): DiscreteModesResult["schedules"]["none"] => ({ shares: [], within: 0.7, bothModes });

const lifted = (mean: number): MultiModalScore => ({ accuracy: Array(4).fill(mean) }) as unknown as MultiModalScore;

const tracked = (arm: string, framesPerSecond: number): TrackingArm =>
  ({ arm, framesPerSecond, accuracy: Array(4).fill(70) }) as unknown as TrackingArm;

/** An arm of paper B's experiments, all shares alike. */
const boxes = (percent: number): RgbArm =>
  ({ at10cm: percent, at10deg10cm: percent, publishedIou50: percent }) as unknown as RgbArm;

/** Shares at K = 1, 10, 50 and 100, of the oracle, and entropies about the axis. */
function drawn(byNumber: readonly number[], oracle: number, symmetric: number, other: number): RgbSeedResult {
  const arms = Object.fromEntries([1, 10, 50, 100].map((k, i) => [`Mean Shift++, K = ${k}`, boxes(byNumber[i]!)]));
  const spread = (entropy: number) => ({ objects: 9, entropy, axisSpreadDeg: 3 });
  return {
    arms: { ...arms, "oracle, K = 50": boxes(oracle) },
    spread: { symmetric: spread(symmetric), other: spread(other) },
  } as unknown as RgbSeedResult;
}

const ways = <T>(mode: T, ranked: T): Record<string, T> => ({ "Mean Shift++": mode, "energy, best 60 %": ranked });

const ranking = (mode: number): RgbRankingResult => ({
  arms: ways(boxes(mode), boxes(60)),
  framesPerSecond: ways(9, 6),
});

/** Either kind of part of the experiment on hypotheses. */
const hypothesesOfBoxes = (part: string, mode: number, seed: RgbSeedResult): unknown =>
  startsWith(part, "ranking") ? ranking(mode) : startsWith(part, "hypotheses") ? seed : {};

const clouds = (percent: number): Record<string, PoseShares> => {
  const shares = (at10cm: number): PoseShares => ({ at10cm, at10deg: 70 }) as unknown as PoseShares;
  return { "paper B, Mean Shift++": shares(60), "point cloud, scale error 0.3": shares(percent) };
};

const sought = (mode: number): Pick<ModeSeekingResult, "accuracy"> => ({
  accuracy: { "Mean Shift++": accuracy(mode), "ranked, best 60 %": accuracy(60) },
});

const soughtSpeed = (fast: number): ModeSeekingSpeed => ({
  "Mean Shift++": { framesPerSecond: fast, toOneMs: 1 },
  "ranked, best 60 %": { framesPerSecond: 6, toOneMs: 30 },
});

const variant = (percent: number): RgbVariantResult => ({ steps: 9, loss: 1, arm: boxes(percent) });

const followed = (calls: number): Record<string, RgbTrackingArm> => {
  const arm = (nfe: number): RgbTrackingArm => ({ ...boxes(60), nfe }) as RgbTrackingArm;
  return { tracking: arm(calls), "from scratch": arm(100) };
};

/** Toys matched at `clear` and `occluded` percent. */
function toys({
  clear,
  occluded = 50,
  fewer = 40,
}: {
  clear: number;
  occluded?: number;
  fewer?: number;
}): ToyMatchingScore {
  return {
    clear: { mean: clear, byObject: [clear, clear, clear] },
    occluded: { mean: occluded, byObject: [occluded, occluded, occluded] },
    layers: [],
    views: [16, 71, 301].map((count, i) => ({ count, clear: i === 2 ? clear : fewer + i, occluded })),
    pooled: { clear: 55, occluded: 45 },
  };
}

/** Three layers alone at 65, 70 and 65 percent, each the best for an object, and together at `mean`. */
function layered(mean: number): LayerScores {
  const ids = ["1", "5", "6"];
  const scores = (all: number, best?: string) => ({
    mean: all,
    byObject: Object.fromEntries(ids.map((id) => [id, id === best ? 90 : all])),
  });
  return { together: scores(mean), layers: [65, 70, 65].map((alone, layer) => scores(alone, ids[layer])) };
}

const half = (even: number): HalfScores => ({ odd: 1, even, all: 2, interval: [], evenInterval: [] });

const counts = (factor: number): ParameterCounts => ({
  va: 2_534_400 * factor,
  na: 13_278_720 * factor,
  cwa: 13_285_140 * factor,
});

export const madeUp: Readonly<Record<string, PartMaker>> = {
  A1: (part, holds) => curve(startsWith(part, "regression") === holds ? 60 : 40),
  A2: (part, holds) => curve(startsWith(part, "from scratch") === holds ? 30 : 60),
  A3: (_, holds) => curve(50, holds ? 50 : -50),
  A4: (part, holds) => ({
    accuracy: accuracy(startsWith(part, "unguided") ? 30 : part === "guided, 50 steps" && !holds ? 60 : 70),
  }),
  A5: (part, holds) => hypotheses(part, holds ? 60 : 50, 60, 20, 0.5),
  A6: (part, holds) => hypotheses(part, 60, 60, holds ? 20 : 55, 0.5),
  A7: (part, holds) => ({
    accuracy: accuracy(70),
    distribution: distribution(startsWith(part, "constant") ? 0.1 : startsWith(part, "exp") && !holds ? 0.5 : 0.9),
  }),
  A8: (part, holds) => ({ accuracy: accuracy(part === "w_max = 1" ? 50 : part === "w_max = 8" && !holds ? 80 : 70) }),
  A9: (part, holds) => curve(0, startsWith(part, "geodesic") === holds ? 60 : 40),
  A10: (part, holds) => ({ end: end(startsWith(part, "exponential") === holds ? 1 : 2) }),
  A11: (_, holds) => ({ arms: [tracked("K = 1, guided", holds ? 36 : 22), tracked("K = 50, unscaled, ranker", 20)] }),
  A12: (part, holds) => hypotheses(part, 60, 60, 20, holds ? 0.5 : 0.8),
  A13: (part, holds) =>
    part === withoutLooking
      ? { bowl: crossScore(10).guided, bottle: crossScore(30).guided }
      : {
          scores: startsWith(part, "all")
            ? { bowl: crossScore(80), bottle: crossScore(50) }
            : { bowl: crossScore(70), bottle: crossScore(holds ? 40 : 34) },
        },
  A14: (_, holds) => ({
    schedules: { none: modes(1), exponential: modes(holds ? 0.9 : 0.5), constant: modes(0.2) },
  }),
  A15: (_, holds) => ({
    scores: { unscaled: lifted(40), guided: lifted(holds ? 60 : 45), "regression head": lifted(50) },
  }),
  B1: (part, holds) => hypothesesOfBoxes(part, holds ? 60 : 50, drawn([40, 50, 52, 52], 90, 1, 0)),
  B2: (part, holds) => hypothesesOfBoxes(part, 60, drawn(holds ? [40, 50, 52, 52] : [40, 41, 41, 41], 90, 1, 0)),
  B3: (part, holds) => variant(startsWith(part, "NC") && holds ? 40 : 60),
  B4: (part, holds) => variant(startsWith(part, "NG,") && holds ? 40 : 60),
  B5: (part, holds) => hypothesesOfBoxes(part, 60, drawn([40, 50, 52, 52], holds ? 90 : 60, 1, 0)),
  B6: (_, holds) => clouds(holds ? 20 : 60),
  B7: (part, holds) => hypothesesOfBoxes(part, 60, drawn([40, 50, 52, 52], 90, holds ? 0.875 : 0.5, 0.25)),
  B8: (part, holds) => (part === "speed" ? soughtSpeed(holds ? 9 : 6) : sought(60)),
  B9: (_, holds) => followed(holds ? 30 : 90),
  C1: (_, holds) => layered(holds ? 80 : 60),
  C2: (part, holds) =>
    part === "parameters" ? counts(1) : toys({ clear: 99, occluded: { V: 60, N: 62 }[part[0]] ?? (holds ? 64 : 50) }),
  C3: (part, holds) => toys({ clear: part === "diffusion, t = 0" ? (holds ? 80 : 40) : 50 }),
  C4: (part, holds) => ({ [aloneArm]: { seen: half(80), unseen: half(part.startsWith("CWA") === holds ? 70 : 50) } }),
  C5: (_, holds) => toys({ clear: 80, occluded: holds ? 60 : 40 }),
  C6: (part, holds) => (part === "parameters" ? counts(holds ? 1 : 2) : toys({ clear: 50 })),
  C7: (_, holds) => toys({ clear: 80, fewer: holds ? 60 : 90 }),
  C8: (part, holds) =>
    part === "parameters"
      ? counts(1)
      : toys({ clear: 99, occluded: part === "frozen" && !holds ? 90 : 60 + part.length }),
};
