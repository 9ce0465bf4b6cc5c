/**
 * @file Paper A's claims about unseen categories and discrete symmetries (A13, A14).
 */
import { meanOfNumbers } from "../../metrics/averages";
import {
  type CategoryScore,
  type CrossCategoryResult,
  crossCategory,
  leftOutCategories,
  type WithoutLooking,
  withoutLooking,
} from "../experiments/crossCategory";
import { type DiscreteModesResult, discreteModes } from "../experiments/discreteModes";
import { reportedCrossCategory } from "../reported";
import { accuracyColumn, type Claim, measured, partOf, seedsOf } from "./claim";

const unseen = { leastShare: 0.6, least: 20, aboveGuess: 5 };
const printed = leftOutCategories.map((category) => {
  const row = reportedCrossCategory.find((r) => r.method === "paper A" && r.category === category);
  return `${category} ${row?.seen[accuracyColumn.at10deg5cm]} / ${row?.unseen[accuracyColumn.at10deg5cm]} %`;
});

const a13: Claim = {
  id: "A13",
  paper: "A",
  statement: "Categories that training never saw, of a like shape, still work",
  place: "Table S3",
  reported: `10°5cm, seen / unseen: ${printed.join(", ")}`,
  criterion: `for bowl and bottle alike, the 10°5cm accuracy of one guided hypothesis is without the category in training at least ${100 * unseen.leastShare} % of what it is with it, at least ${unseen.least} points, and at least ${unseen.aboveGuess} points above what can be said without looking, means over seeds`,
  experiment: crossCategory,
  judge: (result) => {
    const scores = leftOutCategories.map((category) => {
      const of = (arm: string): number[] =>
        seedsOf<CrossCategoryResult>(result, arm).map(({ scores }) => {
          const { guided } = scores[category] as { guided: CategoryScore };
          return guided.accuracy[accuracyColumn.at10deg5cm];
        });
      const guess = partOf<WithoutLooking>(result, withoutLooking)[category].accuracy[accuracyColumn.at10deg5cm];
      return { category, seen: of("all"), unseen: of(`without ${category}`), guess };
    });
    return {
      holds: scores.every((score) => {
        const left = meanOfNumbers(score.unseen);
        const least = Math.max(
          unseen.leastShare * meanOfNumbers(score.seen),
          unseen.least,
          score.guess + unseen.aboveGuess,
        );
        return left >= least;
      }),
      ours: scores.flatMap((score) => [
        measured(`${score.category} seen`, "%", score.seen),
        measured("unseen", "%", score.unseen),
        measured("without looking", "%", [score.guess]),
      ]),
    };
  },
};

const modes = { leastObjects: 0.8 };

const a14: Claim = {
  id: "A14",
  paper: "A",
  statement: "Of an object with two true poses (front and back alike), both survive score scaling",
  place: "Fig. S6",
  reported: "both of 2 poses, one picture",
  criterion: `on at least ${100 * modes.leastObjects} % of the boxes, mean over seeds, each of the two poses has at least 20 % of the 50 exponentially scaled hypotheses within 20°`,
  experiment: discreteModes,
  judge: (result) => {
    const seeds = Object.keys(result.parts).map((name) => result.parts[name] as unknown as DiscreteModesResult);
    const both = (name: "none" | "exponential" | "constant"): number[] =>
      seeds.map(({ schedules }) => 100 * schedules[name].bothModes);
    return {
      holds: meanOfNumbers(both("exponential")) >= 100 * modes.leastObjects,
      ours: [
        measured("boxes with both poses, exponential", "%", both("exponential")),
        measured("unscaled", "%", both("none")),
        measured("constant", "%", both("constant")),
        measured(
          "hypotheses at either pose, exponential",
          "%",
          seeds.map(({ schedules }) => 100 * schedules.exponential.within),
        ),
      ],
    };
  },
};

export const generalizationClaims: readonly Claim[] = [a13, a14];
