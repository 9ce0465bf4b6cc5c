/**
 * @file Poses as three coloured axes each, a mark for `plotScene`.
 */
import { assertInput } from "../check";
import { type Pose, transformPoint } from "../geometry/pose";
import type { Vector3 } from "../geometry/vector";
import type { Trace } from "./figure";
import { roundNumbers } from "./roundNumbers";
import { axisColors } from "./template";

/** Look of the axes. */
export interface MarkPosesOptions {
  name?: string;
  /** Length of an axis, metres. */
  length?: number;
  /** Pixels. */
  width?: number;
  opacity?: number;
  /** Which axes to draw; "y" alone for bottles, bowls and cans, whose other axes mean nothing. */
  axes?: "xyz" | "y";
}

const defaults = { name: "pose", length: 0.08, width: 4, opacity: 1, axes: "xyz" } satisfies MarkPosesOptions;

const units: readonly Vector3[] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

/**
 * The axes of each pose, from its origin t to t + length·(column of R); one trace for all x axes, one for y, one for z,
 * so that fifty hypotheses cost no more than one.
 *
 * @throws InputError if there is no pose
 */
export function markPoses(poses: Pose | readonly Pose[], options: MarkPosesOptions = {}): Trace[] {
  const { name, length, width, opacity, axes } = { ...defaults, ...options };
  const list = Array.isArray(poses) ? (poses as readonly Pose[]) : [poses as Pose];
  assertInput(list.length > 0, "markPoses: got no pose; pass one pose or a list of poses");
  return [...axes].map((letter) => {
    const axis = "xyz".indexOf(letter);
    const tip = units[axis].map((v) => v * length) as unknown as Vector3;
    // A null breaks the line between one pose and the next.
    const line = list.flatMap((pose) => [
      pose.translation,
      transformPoint(pose, tip),
      [Number.NaN, Number.NaN, Number.NaN],
    ]);
    const coordinate = (i: number): (number | null)[] => roundNumbers(line.map((point) => point[i] as number));
    return {
      type: "scatter3d",
      mode: "lines",
      name: `${name} ${letter}`,
      x: coordinate(0),
      y: coordinate(1),
      z: coordinate(2),
      line: { color: axisColors[axis], width },
      opacity,
      hoverinfo: "name",
    };
  });
}
