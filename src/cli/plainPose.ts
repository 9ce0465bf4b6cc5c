/**
 * @file Poses as the commands give them: as JSON, and as lines for people.
 */
import type { Pose } from "../geometry/pose";

/** A pose as plain JSON. */
export interface PlainPose {
  /** Three rows, object → camera. */
  rotation: number[][];
  /** Metres, camera frame. */
  translation: number[];
}

export const plainPose = ({ rotation: r, translation }: Pose): PlainPose => ({
  rotation: [r.slice(0, 3), r.slice(3, 6), r.slice(6, 9)],
  translation: [...translation],
});

/** Numbers of a row of a table, metres or without unit. */
export const fixedNumbers = (values: readonly number[]): string =>
  values.map((x) => x.toFixed(4).padStart(8)).join(" ");

/** The pose over several lines. */
export const poseText = ({ rotation, translation }: PlainPose): string =>
  [
    "rotation (object → camera)",
    ...rotation.map((row) => `  ${fixedNumbers(row)}`),
    "translation of the box centre, metres",
    `  ${fixedNumbers(translation)}`,
  ].join("\n");
