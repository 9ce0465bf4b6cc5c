/**
 * @file Paper B's claims about what tells the scale, and about tracking (B3, B4, B9).
 */
import { meanOfNumbers } from "../../metrics/averages";
import type { ExperimentResult } from "../experiments/experiment";
import type { RgbArm } from "../experiments/rgbHypotheses";
import { type RgbTrackingArm, rgbTracking } from "../experiments/rgbTracking";
import { type RgbVariantResult, rgbVariantsExperiment } from "../experiments/rgbVariants";
import { reportedRgbMethods, reportedRgbTracking } from "../reportedRgb";
import type { RgbVariant } from "../rgbMeanShift";
import { type Claim, measured, seedsOf } from "./claim";

const printed = (method: string): Required<(typeof reportedRgbMethods)[number]["real275"]> =>
  reportedRgbMethods.find((one) => one.method === method)?.real275 as Required<
    (typeof reportedRgbMethods)[number]["real275"]
  >;
const [all, ng, nc, ngr] = ["ours", "ours, NG", "ours, NC", "ours, NGR"].map(printed);

/** One column of a variant: a number for each training seed. */
const column = (result: ExperimentResult, variant: RgbVariant, name: keyof RgbArm): number[] =>
  seedsOf<RgbVariantResult>(result, variant).map(({ arm }) => arm[name]);

const leastWithoutCategory = 3;

const b3: Claim = {
  id: "B3",
  paper: "B",
  statement: "Without the category translation gets worse",
  place: "Table 1, NC",
  reported: `10 cm ${nc.at10cm} against ${all.at10cm} %`,
  criterion: `within 10 cm, mean over seeds, the network without the category has at least ${leastWithoutCategory} points fewer than the one with category and whole photo for all heads`,
  experiment: rgbVariantsExperiment,
  judge: (result) => {
    const [without, full] = [column(result, "NC", "at10cm"), column(result, "all", "at10cm")];
    return {
      holds: meanOfNumbers(without) <= meanOfNumbers(full) - leastWithoutCategory,
      ours: [measured("NC", "%", without), measured("with the category", "%", full)],
    };
  },
};

const photo = { leastWithout: 2, mostBelowBest: 1 };
const variants = ["NGR", "NG", "NC", "all"] as const;

const b4: Claim = {
  id: "B4",
  paper: "B",
  statement: "Without the global feature translation gets worse; given to translation and size only, it is best",
  place: "Table 1, NG and NGR",
  reported: `10 cm NG ${ng.at10cm} against NGR ${ngr.at10cm} %; 10°10cm NGR ${ngr.at10deg10cm}, all heads ${all.at10deg10cm}, NG ${ng.at10deg10cm}, NC ${nc.at10deg10cm} %`,
  criterion: `in the mean over seeds NG has at least ${photo.leastWithout} points fewer within 10 cm than NGR, and NGR is at most ${photo.mostBelowBest} point below the best of the four at 10°10cm`,
  experiment: rgbVariantsExperiment,
  judge: (result) => {
    const pose = variants.map((variant) => column(result, variant, "at10deg10cm"));
    const [without, only] = [column(result, "NG", "at10cm"), column(result, "NGR", "at10cm")];
    return {
      holds:
        meanOfNumbers(without) <= meanOfNumbers(only) - photo.leastWithout &&
        meanOfNumbers(pose[0]) >= Math.max(...pose.map(meanOfNumbers)) - photo.mostBelowBest,
      ours: [
        measured("10 cm NG", "%", without),
        measured("NGR", "%", only),
        ...variants.map((variant, i) => measured(`10°10cm ${variant}`, "%", pose[i])),
      ],
    };
  },
};

const following = { mostCalls: 0.7, mostBelow: 2 };
const [ours] = reportedRgbTracking;

const b9: Claim = {
  id: "B9",
  paper: "B",
  statement: "Tracking needs fewer function calls a frame than single-frame estimation, at equal accuracy",
  place: "Table 5, appendix B",
  reported: `${ours.framesPerSecond} frames/s, ${ours.errorDeg}°, ${ours.errorCm} cm; function calls are not printed`,
  criterion: `in every seed at most ${following.mostCalls} times as many score calls a frame as from scratch, and in the mean over seeds at most ${following.mostBelow} points below at 10°10cm`,
  experiment: rgbTracking,
  judge: (result) => {
    const seeds = seedsOf<Record<string, RgbTrackingArm>>(result, "arms");
    const of = (arm: string, name: keyof RgbTrackingArm): number[] => seeds.map((arms) => arms[arm][name]);
    const [tracked, scratch] = ["tracking", "from scratch"];
    return {
      holds:
        of(tracked, "nfe").every((nfe, i) => nfe <= following.mostCalls * of(scratch, "nfe")[i]) &&
        meanOfNumbers(of(tracked, "at10deg10cm")) >= meanOfNumbers(of(scratch, "at10deg10cm")) - following.mostBelow,
      ours: [tracked, scratch].flatMap((arm) => [
        measured(arm, "calls", of(arm, "nfe")),
        measured("10°10cm", "%", of(arm, "at10deg10cm")),
      ]),
    };
  },
};

export const rgbScaleClaims: readonly Claim[] = [b3, b4, b9];
