/**
 * @file Paper A's claims about one hypothesis against many: accuracy, size, tracking (A5, A6, A11, A12).
 */
import { meanOfNumbers } from "../../metrics/averages";
import type { ExperimentResult } from "../experiments/experiment";
import { type HypothesisArm, type SpeedRow, singleHypothesis } from "../experiments/singleHypothesis";
import { type TrackingArm, tracking } from "../experiments/tracking";
import { type ReportedHypotheses, reportedHypotheses } from "../reported";
import { accuracyColumn, type Claim, measured, partOf, seedsOf } from "./claim";
import { hardFrames, onHardFrames } from "./onHardFrames";

type Column = keyof typeof accuracyColumn;

const printed = (method: string): ReportedHypotheses =>
  reportedHypotheses.find((row) => row.method === method) as ReportedHypotheses;
const guidedRow = printed("joint + score scaling, K = 1");
const rankedRow = printed("GenPose, K = 50, ranker");
const unguidedRow = printed("GenPose, K = 1");

const column = ({ accuracy }: Pick<HypothesisArm, "accuracy">, at: Column): number[] =>
  accuracy.map((row) => row[accuracyColumn[at]]);

/** The three arms that decide, by one column of accuracy; one number per noise seed. */
function arms(result: ExperimentResult, at: Column): { guided: number[]; ranked: number[]; unguided: number[] } {
  const many = partOf<{ arms: Record<string, HypothesisArm> }>(result, "K = 50").arms;
  return {
    guided: column(partOf<HypothesisArm>(result, "K = 1, exponential"), at),
    ranked: column(many["ranked, best 60 %"], at),
    unguided: column(partOf<HypothesisArm>(result, "K = 1, unscaled"), at),
  };
}

const decisive = ["K = 1, exponential", "K = 1, unscaled", "K = 50"];

const mostBelow = 1;

const a5: Claim = {
  id: "A5",
  paper: "A",
  statement: "One guided hypothesis is at least as good as 50 unguided ones with a ranker",
  place: "Table 2",
  reported: `5°2cm ${guidedRow.singleFrame.at5deg2cm} against ${rankedRow.singleFrame.at5deg2cm} %, 10°2cm ${guidedRow.singleFrame.at10deg2cm} against ${rankedRow.singleFrame.at10deg2cm} %`,
  criterion: `${hardFrames} in the mean over noise seeds, one guided hypothesis is at most ${mostBelow} point below the mean of the best 60 % of 50 ranked ones, at 5°2cm and at 10°2cm`,
  ...onHardFrames(singleHypothesis),
  decisive,
  judge: (result) => {
    const [strict, loose] = [arms(result, "at5deg2cm"), arms(result, "at10deg2cm")];
    return {
      holds: [strict, loose].every(({ guided, ranked }) => meanOfNumbers(guided) >= meanOfNumbers(ranked) - mostBelow),
      ours: [
        measured("guided 5°2cm", "%", strict.guided),
        measured("10°2cm", "%", loose.guided),
        measured("ranked 5°2cm", "%", strict.ranked),
        measured("10°2cm", "%", loose.ranked),
      ],
    };
  },
};

const leastBelow = 10;

const a6: Claim = {
  id: "A6",
  paper: "A",
  statement: "One unguided hypothesis is far below both",
  place: "Table 2",
  reported: `5°2cm ${unguidedRow.singleFrame.at5deg2cm} % against ${rankedRow.singleFrame.at5deg2cm} and ${guidedRow.singleFrame.at5deg2cm} %`,
  criterion: `${hardFrames} at 5°2cm, mean over noise seeds, it is at least ${leastBelow} points below one guided and below 50 ranked ones`,
  ...onHardFrames(singleHypothesis),
  decisive,
  judge: (result) => {
    const { guided, ranked, unguided } = arms(result, "at5deg2cm");
    return {
      holds: [guided, ranked].every((other) => meanOfNumbers(unguided) <= meanOfNumbers(other) - leastBelow),
      ours: [measured("unguided", "%", unguided), measured("guided", "%", guided), measured("50 ranked", "%", ranked)],
    };
  },
};

const track = { mostBelow: 2, leastFaster: 1.5 };

const a11: Claim = {
  id: "A11",
  paper: "A",
  statement: "In tracking, one guided hypothesis beats 50 ranked ones in speed and matches them in accuracy",
  place: "Table 2, right",
  reported: `${guidedRow.tracking.framesPerSecond} against ${rankedRow.tracking.framesPerSecond} frames/s, 5°2cm ${guidedRow.tracking.at5deg2cm} against ${rankedRow.tracking.at5deg2cm} %, 10°2cm ${guidedRow.tracking.at10deg2cm} against ${rankedRow.tracking.at10deg2cm} %`,
  criterion: `in the mean over seeds it is at most ${track.mostBelow} points below at 5°2cm and at 10°2cm, and in every seed it tracks at least ${track.leastFaster} times as many frames per second`,
  experiment: tracking,
  judge: (result) => {
    const seeds = seedsOf<{ arms: TrackingArm[] }>(result, "ranker");
    const of = (name: string): TrackingArm[] =>
      seeds.flatMap(({ arms: raced }) => raced.filter(({ arm }) => arm === name));
    const [guided, ranked] = [of("K = 1, guided"), of("K = 50, unscaled, ranker")];
    const at = (own: readonly TrackingArm[], name: Column): number[] =>
      own.map(({ accuracy }) => accuracy[accuracyColumn[name]]);
    const speed = (own: readonly TrackingArm[]): number[] => own.map(({ framesPerSecond }) => framesPerSecond);
    return {
      holds:
        (["at5deg2cm", "at10deg2cm"] as const).every(
          (name) => meanOfNumbers(at(guided, name)) >= meanOfNumbers(at(ranked, name)) - track.mostBelow,
        ) && guided.every(({ framesPerSecond }, i) => framesPerSecond >= track.leastFaster * ranked[i].framesPerSecond),
      ours: [
        measured("guided", "frames/s", speed(guided)),
        measured("5°2cm", "%", at(guided, "at5deg2cm")),
        measured("10°2cm", "%", at(guided, "at10deg2cm")),
        measured("50 ranked", "frames/s", speed(ranked)),
        measured("5°2cm", "%", at(ranked, "at5deg2cm")),
        measured("10°2cm", "%", at(ranked, "at10deg2cm")),
      ],
    };
  },
};

const mostParameters = 0.55;

const a12: Claim = {
  id: "A12",
  paper: "A",
  statement: "Going without the ranker halves the parameters",
  place: "Table 2, section 5.3",
  reported: `${guidedRow.millionParameters} of ${rankedRow.millionParameters} million`,
  criterion: `the parameters of inference without the ranker are at most ${Math.round(100 * mostParameters)} % of those with it`,
  experiment: singleHypothesis,
  judge: (result) => {
    const rows = Object.values(partOf<Record<string, SpeedRow>>(result, "speed"));
    const million = (ranker: boolean): number =>
      Math.max(...rows.filter((row) => row.ranker === ranker).map(({ parameters }) => parameters / 1e6));
    const [without, ranked] = [million(false), million(true)];
    return {
      holds: without <= mostParameters * ranked,
      ours: [measured("without", "million", [without]), measured("with the ranker", "million", [ranked])],
    };
  },
};

export const hypothesisClaims: readonly Claim[] = [a5, a6, a11, a12];
