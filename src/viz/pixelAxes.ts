/**
 * @file Poses drawn onto an image: their axes through the pinhole camera, as 2-D traces.
 */
import { type Camera, project } from "../geometry/camera";
import { type Pose, transformPoint } from "../geometry/pose";
import type { Vector3 } from "../geometry/vector";
import type { Trace } from "./figure";
import { roundNumbers } from "./roundNumbers";
import { axisColors } from "./template";

/** Pixels and opacity of lines. */
export interface PixelLineStyle {
  width?: number;
  opacity?: number;
}

/**
 * Three line traces, one for each axis of all poses; a pose that is not wholly in front of the camera is left out.
 *
 * @param length of an axis, metres
 */
export function pixelAxes(
  poses: readonly Pose[],
  camera: Camera,
  length: number,
  { width = 3, opacity = 1 }: PixelLineStyle = {},
): Trace[] {
  const tips: readonly Vector3[] = [
    [length, 0, 0],
    [0, length, 0],
    [0, 0, length],
  ];
  const visible = poses.filter((pose) =>
    [pose.translation, ...tips.map((tip) => transformPoint(pose, tip))].every((point) => point[2] > 0),
  );
  return tips.map((tip, axis) => {
    const line = visible.flatMap((pose) => [
      project(camera, pose.translation),
      project(camera, transformPoint(pose, tip)),
      [Number.NaN, Number.NaN],
    ]);
    return {
      type: "scatter",
      mode: "lines",
      name: `${"xyz"[axis]} axis`,
      x: roundNumbers(line.map((point) => point[0] as number)),
      y: roundNumbers(line.map((point) => point[1] as number)),
      line: { color: axisColors[axis], width },
      opacity,
      hoverinfo: "name",
    };
  });
}
