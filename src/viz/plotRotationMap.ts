/**
 * @file Rotations as dots on a map of the sphere, with colour for the third angle.
 */
import { assertInput } from "../check";
import { mollweideExtent } from "../geometry/mollweide";
import type { Pose } from "../geometry/pose";
import { rotationFromAxisAngle } from "../geometry/rotation";
import { identity3, type Matrix3, multiply, normalize, scale, transpose, type Vector3 } from "../geometry/vector";
import { type Figure, figure, type Trace } from "./figure";
import type { PoseSet } from "./plotAxisAngles";
import { atBothEdges, cutAtEdge, mapGrid, mapPoint } from "./rotationMapGrid";
import { roundNumbers } from "./roundNumbers";
import { palette, rollColorscale } from "./template";

/** What to draw beside the hypotheses. */
export interface PlotRotationMapOptions {
  title?: string;
  /** Axis of a continuous symmetry in the object's frame; all rotations about it are drawn as a line. */
  symmetryAxis?: Vector3;
  /** Discrete symmetries: rotations that leave the object as it is; each gets an open ring. */
  modes?: readonly Matrix3[];
  /** Maps side by side. */
  columns?: number;
}

const defaults = { title: "rotations around the truth", modes: [], columns: 3 } satisfies PlotRotationMapOptions;

/** Room of one map in the figure's units, with its name above. */
const cell: readonly [number, number] = [2 * mollweideExtent[0] + 0.5, 2 * mollweideExtent[1] + 0.75];

/**
 * The map of paper A, Figs. 2, 9 and S3: each hypothesis R is turned to R*ᵀR, so that the truth R* sits in the middle;
 * yaw and pitch (`yawPitchRollOf`) become longitude and latitude of Mollweide's equal-area projection, roll the colour.
 * A uniform distribution fills the map evenly; turns about the object's y axis lie on the equator.
 *
 * @param sets one map for each set of poses
 * @throws InputError if a set has no pose
 */
export function plotRotationMap(
  sets: PoseSet | readonly PoseSet[],
  truth: Pose,
  options: PlotRotationMapOptions = {},
): Figure {
  const { title, symmetryAxis, modes, columns } = { ...defaults, ...options };
  const list = Array.isArray(sets) ? (sets as readonly PoseSet[]) : [sets as PoseSet];
  assertInput(list.length > 0, "plotRotationMap: got no set; pass { name, poses }");
  const empty = list.find((set) => set.poses.length === 0);
  assertInput(empty === undefined, `plotRotationMap: the set ${empty?.name} has no pose; pass at least one`);
  assertInput(
    Number.isInteger(columns) && columns > 0,
    `plotRotationMap: columns is ${columns}; pass a positive integer`,
  );
  const across = Math.min(columns, list.length);
  const down = Math.ceil(list.length / across);
  const toObject = transpose(truth.rotation);
  const traces = list.flatMap(({ name, poses }, i): Trace[] => {
    const origin: [number, number] = [(i % across) * cell[0], -Math.floor(i / across) * cell[1]];
    return [
      ...mapGrid(origin, across < 3),
      ...(symmetryAxis ? [orbit(symmetryAxis, origin)] : []),
      dots(
        name,
        poses.map(({ rotation }) => multiply(toObject, rotation)),
        origin,
        { size: across > 1 ? 5 : 7, bar: i === 0 },
      ),
      ...(modes.length > 0 ? rings("mode", modes, origin, across > 1 ? 10 : 14) : []),
      ...rings("truth", [identity3], origin, across > 1 ? 16 : 20),
      ...(list.length > 1 ? [caption(name, origin)] : []),
    ];
  });
  return figure(traces, title, layout(across, down, list.length > 1));
}

/** Larger maps where there is only one. */
function layout(across: number, down: number, captions: boolean): Record<string, unknown> {
  const [left, right, top, bottom] = [16, 96, 48, 16];
  const width = across === 1 ? 700 : 160 + 290 * across;
  const [halfWidth, halfHeight] = mollweideExtent;
  const above = captions ? 0.55 : 0.1;
  const xRange = [-halfWidth - 0.2, (across - 1) * cell[0] + halfWidth + 0.1];
  const yRange = [-(down - 1) * cell[1] - halfHeight - 0.1, halfHeight + above];
  const perUnit = (width - left - right) / (xRange[1] - xRange[0]);
  const hidden = { visible: false, fixedrange: true, constrain: "domain" };
  return {
    width,
    height: Math.round(perUnit * (yRange[1] - yRange[0])) + top + bottom,
    margin: { l: left, r: right, t: top, b: bottom },
    xaxis: { ...hidden, range: xRange },
    yaxis: { ...hidden, range: yRange, scaleanchor: "x" },
    showlegend: false,
  };
}

const degrees = (radians: number): number => Math.round((1800 / Math.PI) * radians) / 10;

function dots(
  name: string,
  rotations: readonly Matrix3[],
  origin: readonly [number, number],
  { size, bar }: { size: number; bar: boolean },
): Trace {
  const points = rotations.map((r) => mapPoint(r, origin));
  return {
    type: "scatter",
    mode: "markers",
    name,
    x: roundNumbers(points.map(({ x }) => x)),
    y: roundNumbers(points.map(({ y }) => y)),
    customdata: points.map(({ yaw, pitch, roll }) => [yaw, pitch, roll].map(degrees)),
    hovertemplate: "yaw %{customdata[0]}°, pitch %{customdata[1]}°, roll %{customdata[2]}°<extra></extra>",
    marker: {
      size,
      opacity: 0.8,
      color: points.map(({ roll }) => degrees(roll)),
      cmin: -180,
      cmax: 180,
      colorscale: rollColorscale,
      line: { width: 0.5, color: "#333333" },
      ...(bar
        ? {
            showscale: true,
            colorbar: {
              title: { text: "roll (°)" },
              thickness: 12,
              tickvals: [-180, -90, 0, 90, 180],
              ticktext: ["−180", "−90", "0", "90", "180"],
            },
          }
        : {}),
    },
  };
}

/** Open rings, white under black: they show on dark dots too. */
function rings(name: string, rotations: readonly Matrix3[], origin: readonly [number, number], size: number): Trace[] {
  const points = rotations.flatMap((r) => atBothEdges(mapPoint(r, origin), origin));
  const ring = (color: string, width: number): Trace => ({
    type: "scatter",
    mode: "markers",
    name,
    x: roundNumbers(points.map(({ x }) => x)),
    y: roundNumbers(points.map(({ y }) => y)),
    hoverinfo: "name",
    marker: { symbol: "circle-open", size, color, line: { width } },
    cliponaxis: false, // half of a ring at the edge lies outside
  });
  return [ring("#ffffff", 5), ring(palette.black, 2)];
}

/** All turns about the axis, as a line. */
function orbit(axis: Vector3, origin: readonly [number, number]): Trace {
  const unit = normalize(axis);
  // Half a step beside ±π: the ends of the equator lie on both edges.
  const points = Array.from({ length: 361 }, (_, i) =>
    mapPoint(rotationFromAxisAngle(scale(unit, ((i - 180) / 180) * (Math.PI - 1e-6))), origin),
  );
  return {
    type: "scatter",
    mode: "lines",
    name: "orbit of the symmetry",
    ...cutAtEdge(points),
    hoverinfo: "name",
    line: { color: palette.black, width: 1.5, dash: "dot" },
  };
}

const caption = (name: string, [x, y]: readonly [number, number]): Trace => ({
  type: "scatter",
  mode: "text",
  name,
  x: [x],
  y: [y + mollweideExtent[1] + 0.25],
  text: [name],
  textfont: { size: 13 },
  hoverinfo: "skip",
});
