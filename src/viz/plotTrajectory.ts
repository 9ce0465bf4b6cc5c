/**
 * @file Hypotheses on their way from noise to poses, as an animation.
 */
import { assertInput } from "../check";
import type { Pose } from "../geometry/pose";
import type { Figure, Trace } from "./figure";
import { type MarkPosesOptions, markPoses } from "./markPoses";
import { plotScene } from "./plotScene";
import { plotSlider } from "./plotSlider";

/** The hypotheses at one time of the diffusion. */
export interface Snapshot {
  t: number;
  poses: readonly Pose[];
}

/** What stands still beside the poses, and how the poses look. */
export interface PlotTrajectoryOptions extends MarkPosesOptions {
  title?: string;
  /** Marks that do not move, such as the cloud. */
  marks?: readonly (readonly Trace[])[];
  /** At most so many pictures, evenly spread over the snapshots, the last one always among them. */
  maxFrames?: number;
  frame?: "camera" | "object";
}

const defaults = {
  title: "from noise to poses",
  marks: [],
  maxFrames: 30,
  frame: "camera",
} satisfies PlotTrajectoryOptions;

/**
 * A slider over the time of the diffusion. The view is fixed on the marks and on the last snapshot: at the start, the
 * noise is larger than the scene, and axes that follow it would make the object invisible.
 *
 * @throws InputError if there is no snapshot or one has no pose
 */
export function plotTrajectory(snapshots: readonly Snapshot[], options: PlotTrajectoryOptions = {}): Figure {
  const { title, marks, maxFrames, frame, ...look } = { ...defaults, ...options };
  assertInput(snapshots.length > 0, "plotTrajectory: got no snapshot; pass [{ t, poses }]");
  const last = snapshots.length - 1;
  const n = Math.min(snapshots.length, maxFrames);
  const kept = Array.from({ length: n }, (_, i) => snapshots[n > 1 ? Math.round((i * last) / (n - 1)) : last]);
  const steps = kept.map((snapshot) => ({
    label: snapshot.t.toPrecision(3),
    figure: plotScene([...marks, markPoses(snapshot.poses, look)], { title, frame }),
  }));
  const figure = plotSlider(steps, { prefix: "t = " });
  return { ...figure, layout: withRanges(figure) };
}

function withRanges(figure: Figure): Record<string, unknown> {
  const extents = ["x", "y", "z"].map((axis) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const trace of figure.data)
      for (const value of trace[axis] as (number | null)[])
        if (value !== null) [low, high] = [Math.min(low, value), Math.max(high, value)];
    return [low, high];
  });
  // A quarter of the largest extent around the scene shows the last part of the way.
  const pad = 0.25 * Math.max(...extents.map(([low, high]) => high - low));
  const scene = figure.layout.scene as Record<string, Record<string, unknown>>;
  const ranged = Object.fromEntries(
    ["xaxis", "yaxis", "zaxis"].map((axis, i) => [
      axis,
      { ...scene[axis], range: [extents[i][0] - pad, extents[i][1] + pad].map((v) => Number(v.toFixed(3))) },
    ]),
  );
  return { ...figure.layout, scene: { ...scene, ...ranged } };
}
