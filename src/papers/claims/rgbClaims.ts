/**
 * @file Paper B's claims about hypotheses of pose and size: mode, number, oracle, spread, metric depth (B1, B2, B5–B8).
 */
import { meanOfNumbers } from "../../metrics/averages";
import type { ExperimentResult } from "../experiments/experiment";
import { type ModeSeekingResult, type ModeSeekingSpeed, modeSeeking } from "../experiments/modeSeeking";
import { type RgbArm, type RgbRankingResult, type RgbSeedResult, rgbHypotheses } from "../experiments/rgbHypotheses";
import { metricDepthArm, type PoseShares, rgbMetricDepth } from "../experiments/rgbMetricDepth";
import { publishedMetricDepthError } from "../metricDepth";
import {
  type ReportedRgbRow,
  reportedMetricDepth,
  reportedRgbAggregations,
  reportedRgbHypotheses,
  reportedRgbMethods,
} from "../reportedRgb";
import { accuracyColumn, type Claim, measured, partOf, seedsOf } from "./claim";

const row = (rows: readonly ReportedRgbRow[], method: string): ReportedRgbRow =>
  rows.find((one) => one.method === method) as ReportedRgbRow;

/** One column of an arm, a number for each sampling seed. */
const column = (seeds: readonly { arms: Record<string, RgbArm> }[], arm: string, name: keyof RgbArm): number[] =>
  seeds.map(({ arms }) => arms[arm][name]);

const ranking = { mostBelow: 1, leastFaster: 1.2 };
const [pooled, energy, shifted] = ["mean of all", "energy ranking, mean", "Mean Shift"].map(
  (method) => reportedRgbAggregations.find((one) => one.method === method) as (typeof reportedRgbAggregations)[number],
);

const b1: Claim = {
  id: "B1",
  paper: "B",
  statement: "Mean Shift is as good as or better than ranking and faster",
  place: "Table 4",
  reported: `10°10cm ${shifted.at10deg10cm} against ${energy.at10deg10cm} % (mean of all: ${pooled.at10deg10cm} %), ${shifted.framesPerSecond} against ${energy.framesPerSecond} frames/s`,
  criterion: `in the mean over sampling seeds Mean Shift++ is at most ${ranking.mostBelow} point below the mean of the best 60 % by energy at 10°10cm and at IoU50 (published form), and answers at least ${ranking.leastFaster} times as many frames per second`,
  experiment: rgbHypotheses,
  judge: (result) => {
    const seeds = seedsOf<RgbRankingResult>(result, "ranking");
    const of = (arm: string): Record<"pose" | "iou" | "speed", number[]> => ({
      pose: column(seeds, arm, "at10deg10cm"),
      iou: column(seeds, arm, "publishedIou50"),
      speed: seeds.map(({ framesPerSecond }) => framesPerSecond[arm]),
    });
    const [mode, ranked] = [of("Mean Shift++"), of("energy, best 60 %")];
    return {
      holds:
        (["pose", "iou"] as const).every(
          (name) => meanOfNumbers(mode[name]) >= meanOfNumbers(ranked[name]) - ranking.mostBelow,
        ) && meanOfNumbers(mode.speed) >= ranking.leastFaster * meanOfNumbers(ranked.speed),
      ours: [
        measured("Mean Shift++ 10°10cm", "%", mode.pose),
        measured("IoU50", "%", mode.iou),
        measured("", "frames/s", mode.speed),
        measured("ranked 10°10cm", "%", ranked.pose),
        measured("IoU50", "%", ranked.iou),
        measured("", "frames/s", ranked.speed),
      ],
    };
  },
};

const growth = { leastGain: 2, mostChange: 1.5 };
const numbers = [1, 10, 50, 100] as const;

const b2: Claim = {
  id: "B2",
  paper: "B",
  statement: "Accuracy rises from K = 1 to 10 to 50 hypotheses and is flat at 100",
  place: "Table 3",
  reported: `10°10cm ${reportedRgbHypotheses.map(({ at10deg10cm }) => at10deg10cm).join(", ")} %`,
  criterion: `at 10°10cm, mean over sampling seeds, K = 10 gains at least ${growth.leastGain} points over K = 1, K = 50 is not below K = 10, and K = 100 differs from K = 50 by at most ${growth.mostChange} points`,
  experiment: rgbHypotheses,
  judge: (result) => {
    const seeds = seedsOf<RgbSeedResult>(result, "hypotheses");
    const at = numbers.map((k) => column(seeds, `Mean Shift++, K = ${k}`, "at10deg10cm"));
    const [one, ten, fifty, hundred] = at.map(meanOfNumbers);
    return {
      holds: ten >= one + growth.leastGain && fifty >= ten && Math.abs(hundred - fifty) <= growth.mostChange,
      ours: numbers.map((k, i) => measured(`K = ${k}`, "%", at[i])),
    };
  },
};

const leastAbove = 20;
const oracleRow = reportedRgbMethods.find(({ method }) => method === "ours, S")?.real275;

const b5: Claim = {
  id: "B5",
  paper: "B",
  statement: "The distribution holds the answer: the nearest hypothesis is far better than the one that is chosen",
  place: "Table 1, S",
  reported: `10°10cm ${oracleRow?.at10deg10cm} against ${shifted.at10deg10cm} %`,
  criterion: `at 10°10cm, mean over sampling seeds, the nearest of 50 is at least ${leastAbove} points above Mean Shift++`,
  experiment: rgbHypotheses,
  judge: (result) => {
    const seeds = seedsOf<RgbSeedResult>(result, "hypotheses");
    const oracle = column(seeds, "oracle, K = 50", "at10deg10cm");
    const mode = column(seeds, "Mean Shift++, K = 50", "at10deg10cm");
    return {
      holds: meanOfNumbers(oracle) >= meanOfNumbers(mode) + leastAbove,
      ours: [measured("nearest of 50", "%", oracle), measured("Mean Shift++", "%", mode)],
    };
  },
};

const mostOfPointCloud = 10;
const cloudRow = row(reportedMetricDepth, "GenPose with UniDepth");
const oursRow = row(reportedMetricDepth, "ours");

const b6: Claim = {
  id: "B6",
  paper: "B",
  statement: "The point-cloud network on predicted metric depth is far worse in translation",
  place: "Table 2",
  reported: `10 cm ${cloudRow.at10cm} against ${oursRow.at10cm} %, 10° ${cloudRow.at10deg} against ${oursRow.at10deg} %`,
  criterion: `at the scale error that Table 2 implies (deviation ${publishedMetricDepthError.scale} of the logarithm), mean over seeds, at least ${mostOfPointCloud} points fewer within 10 cm than by the photo network`,
  experiment: rgbMetricDepth,
  judge: (result) => {
    const seeds = seedsOf<Record<string, PoseShares>>(result, "arms");
    const of = (arm: string, name: keyof PoseShares): number[] => seeds.map((arms) => arms[arm][name]);
    const [cloud, photo] = [metricDepthArm(publishedMetricDepthError.scale), "paper B, Mean Shift++"];
    return {
      holds: meanOfNumbers(of(cloud, "at10cm")) <= meanOfNumbers(of(photo, "at10cm")) - mostOfPointCloud,
      ours: [
        measured("point cloud 10 cm", "%", of(cloud, "at10cm")),
        measured("10°", "%", of(cloud, "at10deg")),
        measured("photo 10 cm", "%", of(photo, "at10cm")),
        measured("10°", "%", of(photo, "at10deg")),
      ],
    };
  },
};

const spread = { least: 0.7, most: 0.5 };

const b7: Claim = {
  id: "B7",
  paper: "B",
  statement: "For symmetric objects the hypotheses spread along the axis, for others they are tight",
  place: "Fig. 4",
  reported: "shown, not numbered",
  criterion: `the median entropy of the angle about y (0 one angle, 1 uniform) is at least ${spread.least} for symmetric objects and at most ${spread.most} for the others, for every sampling seed`,
  experiment: rgbHypotheses,
  judge: (result) => {
    const seeds = seedsOf<RgbSeedResult>(result, "hypotheses");
    const of = (kind: "symmetric" | "other"): number[] => seeds.map((seed) => seed.spread[kind].entropy);
    return {
      holds: of("symmetric").every((x) => x >= spread.least) && of("other").every((x) => x <= spread.most),
      ours: [measured("symmetric", "of uniform", of("symmetric")), measured("others", "of uniform", of("other"))],
    };
  },
};

const seeking = { leastFaster: 1.1, mostBelow: 2 };

/** Percent within 5°2cm or 10°2cm by one way, a number for each noise seed. */
const accuracyOf = (result: ExperimentResult, way: string, name: keyof typeof accuracyColumn): number[] =>
  partOf<ModeSeekingResult>(result, "accuracy").accuracy[way].map((cells) => cells[accuracyColumn[name]]);

const b8: Claim = {
  id: "B8",
  paper: "B",
  statement: "In GenPose's pipeline Mean Shift is faster than the EnergyNet, at most at a small loss",
  place: "section 4.4.3",
  reported: "15 % faster, 1 % lower",
  criterion: `from cloud to pose at least ${seeking.leastFaster} times as many frames per second as the best 60 % by energy, and in the mean over noise seeds at most ${seeking.mostBelow} points below at 5°2cm and at 10°2cm`,
  experiment: modeSeeking,
  judge: (result) => {
    const speed = partOf<ModeSeekingSpeed>(result, "speed");
    const [mode, ranked] = ["Mean Shift++", "ranked, best 60 %"];
    const fast = [mode, ranked].map((way) => [speed[way].framesPerSecond]);
    const columns = ["at5deg2cm", "at10deg2cm"] as const;
    return {
      holds:
        fast[0][0] >= seeking.leastFaster * fast[1][0] &&
        columns.every(
          (name) =>
            meanOfNumbers(accuracyOf(result, mode, name)) >=
            meanOfNumbers(accuracyOf(result, ranked, name)) - seeking.mostBelow,
        ),
      ours: [mode, ranked].flatMap((way, i) => [
        measured(way, "frames/s", fast[i]),
        measured("5°2cm", "%", accuracyOf(result, way, "at5deg2cm")),
        measured("10°2cm", "%", accuracyOf(result, way, "at10deg2cm")),
      ]),
    };
  },
};

export const rgbClaims: readonly Claim[] = [b1, b2, b5, b6, b7, b8];
