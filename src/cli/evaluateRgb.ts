/**
 * @file `posediff evaluate` of a checkpoint of paper B's network: embedded photos, all methods, three sampling seeds.
 */
import { assertInput } from "../check";
import { proceduralPhoto } from "../datasets/procedural/proceduralPhoto";
import { meanOfNumbers } from "../metrics/averages";
import { type Condition, conditions } from "../models/viewEncoder";
import { loadRgbEstimator } from "../papers/rgbEstimator";
import { type PhotoErrors, photoErrors, type RgbMethodScores, rgbMethods, summarizeRgb } from "../papers/rgbEvaluation";
import { replaceCard } from "../training/checkpoint";
import { textTable } from "./textTable";
import { wholeNumber } from "./wholeNumber";

/** Options of `posediff evaluate` that concern photos. */
export interface EvaluateRgbOptions {
  checkpoint: string;
  split: string;
  count: string;
  hypotheses?: string;
  seeds: string;
  without?: string[];
  writeCard?: boolean;
  json?: boolean;
}

const columns = [
  "at10deg",
  "at10cm",
  "at10deg10cm",
  "at10deg5cm",
  "iou50",
  "publishedIou50",
  "publishedIou75",
] as const;
const headings = ["10°", "10cm", "10°10cm", "10°5cm", "IoU50", "pub. 50", "pub. 75"];

/** One line a method, then one line a category. */
export const rgbTable = (scores: readonly RgbMethodScores[]): string =>
  textTable(
    "%",
    [...headings, "median °", "cm", "answers"],
    scores.flatMap(({ method, all, byCategory }) =>
      [[method, all] as const, ...Object.entries(byCategory)].map(([name, score]) => ({
        name: name === method ? method : `  ${name}`,
        cells: [
          ...columns.map((column) => score[column].toFixed(1)),
          score.medianDeg.toFixed(1),
          score.medianCm.toFixed(2),
          String(score.answers),
        ],
      })),
    ),
  );

function conditionsOf(names: readonly string[]): Condition[] {
  return names.map((name) => {
    const known = conditions.find((condition) => condition === name);
    assertInput(known, `evaluate: --without ${name} is no condition; use ${conditions.join(", ")}`);
    return known;
  });
}

/** Score a checkpoint of `posediff train --network rgb`; with `--write-card`, into its card. */
export function evaluateRgb(options: EvaluateRgbOptions): void {
  const { checkpoint, split, writeCard, json } = options;
  const count = wholeNumber("evaluate", "count", options.count, 1);
  const hypotheses = wholeNumber("evaluate", "hypotheses", options.hypotheses ?? "50", 1);
  const seeds = Array.from({ length: wholeNumber("evaluate", "seeds", options.seeds, 1) }, (_, seed) => seed);
  const without = conditionsOf(options.without ?? []);
  assertInput(
    !(writeCard && without.length > 0),
    "evaluate: --write-card states scores with everything told; leave --without away",
  );
  function* photos() {
    for (let i = 0; i < count; i++) yield proceduralPhoto(split, i);
  }
  const estimator = loadRgbEstimator(checkpoint);
  const methods = rgbMethods();
  const rows: PhotoErrors[] = [];
  const began = performance.now();
  for (const row of photoErrors(estimator, photos(), methods, { hypotheses, seeds, without })) {
    rows.push(row);
    if (!json && process.stderr.isTTY)
      process.stderr.write(
        `\r${Math.ceil(rows.length / seeds.length)} of ${count} photos, ${((performance.now() - began) / 1000).toFixed(0)} s `,
      );
  }
  estimator.dispose();
  const scores = summarizeRgb(rows, methods);
  const cost = {
    framesPerSecond: 1000 / meanOfNumbers(rows.map(({ ms }) => ms)),
    scoreCalls: meanOfNumbers(rows.map(({ nfe }) => nfe)),
  };
  if (writeCard) {
    // How many photos a second is the machine's, not the model's.
    const command = `posediff evaluate --split ${split} --count ${count} --hypotheses ${hypotheses} --seeds ${seeds.length} --write-card`;
    replaceCard(checkpoint, {
      ...estimator.card,
      scores: { command, hypotheses, scoreCalls: cost.scoreCalls, methods: scores },
    });
  }
  if (json) console.log(JSON.stringify({ hypotheses, seeds, without, cost, scores }, null, 2));
  else
    console.log(
      `${rgbTable(scores)}\n${cost.framesPerSecond.toFixed(1)} photos a second, ${cost.scoreCalls.toFixed(0)} score calls each`,
    );
}
