/**
 * @file The learning curves of a stored experiment as one figure, with a slider over the thresholds.
 */
import type { Figure } from "../../viz/figure";
import { plotBands } from "../../viz/plotBands";
import { plotSlider } from "../../viz/plotSlider";
import { thresholds } from "../evaluation";
import type { ExperimentResult } from "./experiment";
import { type ArmCurves, armCurves } from "./learningCurve";

/** What is drawn of each arm. */
export interface PlotArmCurvesOptions {
  title?: string;
  /** Whose accuracy: one guided hypothesis of the diffusion, or the regression head. */
  head?: "guided" | "regression";
  /** Steps before those that are drawn, which then begin at 0: the pre-training of an arm. */
  skip?: (arm: string) => number;
  /** What x is. */
  x?: string;
}

const defaults = { title: "", head: "guided", skip: () => 0, x: "steps, all phases" } satisfies PlotArmCurvesOptions;

/** An arm without its first steps; x begins anew. */
export const withoutFirst = ({ name, x, runs }: ArmCurves, steps: number): ArmCurves => {
  const kept = [...x.keys()].filter((i) => x[i] > steps);
  return { name, x: kept.map((i) => x[i] - steps), runs: runs.map((run) => kept.map((i) => run[i])) };
};

/**
 * Mean and lowest-to-highest band over the seeds of every arm, percent of unseen objects; the slider goes from 5°2cm to
 * 10°5cm and rests at 10°5cm, the threshold of paper A's Figs. 4 and 5. Arms that are not measured yet are absent.
 */
export function plotArmCurves(result: Pick<ExperimentResult, "parts">, options: PlotArmCurvesOptions = {}): Figure {
  const { head, skip, ...axes } = { ...defaults, ...options };
  const steps = thresholds.map(([deg, cm], i) => {
    const arms = armCurves(result, head, i).map((arm) => withoutFirst(arm, skip(arm.name)));
    return {
      label: `${deg}°${cm}cm`,
      figure: plotBands(
        arms.map(({ name, x, runs }) => ({ name, x, runs })),
        { ...axes, y: "percent of unseen objects" },
      ),
    };
  });
  return plotSlider(steps, { prefix: "within ", milliseconds: 900 });
}
