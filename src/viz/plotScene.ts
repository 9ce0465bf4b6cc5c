/**
 * @file A 3-D figure of marks, seen as the depth camera sees it.
 */
import { assertInput } from "../check";
import { type Figure, figure, type Trace } from "./figure";
import { spaceAxis } from "./template";

/** From where a scene is seen. */
export interface PlotSceneOptions {
  title?: string;
  /** "camera": OpenCV frame, x right, y down, z away from the reader; "object": y up. */
  frame?: "camera" | "object";
}

const defaults = { title: "scene", frame: "camera" } satisfies PlotSceneOptions;

// A little above and to the right of the frame's own view, so that depth can be seen.
const views = {
  camera: { up: { x: 0, y: -1, z: 0 }, eye: { x: 0.9, y: -0.8, z: -2 } },
  object: { up: { x: 0, y: 1, z: 0 }, eye: { x: 1.3, y: 0.9, z: 1.7 } },
};

/** The layout of a scene, which `plotTrajectory` shares. */
export const sceneLayout = (frame: "camera" | "object"): Record<string, unknown> => ({
  height: 520,
  margin: { l: 0, r: 0, t: 48, b: 0 },
  legend: { x: 0.99, xanchor: "right", y: 0.98, bgcolor: "rgba(255,255,255,0.7)", itemsizing: "constant" },
  scene: {
    aspectmode: "data",
    camera: views[frame],
    xaxis: spaceAxis("x (m)"),
    yaxis: spaceAxis("y (m)"),
    zaxis: spaceAxis("z (m)"),
  },
});

/**
 * Marks in one 3-D scene: `plotScene([markPoints(cloud), markPoses(hypotheses)])`.
 *
 * @throws InputError if there is no mark
 */
export function plotScene(marks: readonly (readonly Trace[])[], options: PlotSceneOptions = {}): Figure {
  const { title, frame } = { ...defaults, ...options };
  const traces = marks.flat();
  assertInput(traces.length > 0, "plotScene: got nothing to draw; pass marks such as markPoints(cloud)");
  return figure(traces, title, sceneLayout(frame));
}
