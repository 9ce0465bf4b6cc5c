/**
 * @file The map under `plotRotationMap`: where a rotation lies, the ellipse and its meridians and parallels.
 */
import { mollweide, mollweideExtent } from "../geometry/mollweide";
import type { Matrix3 } from "../geometry/vector";
import { type YawPitchRoll, yawPitchRollOf } from "../geometry/yawPitchRoll";
import type { Trace } from "./figure";
import { roundNumbers } from "./roundNumbers";

const radians = Math.PI / 180;

/** A rotation on the map, with the angles that put it there (radians). */
export interface MapPoint extends YawPitchRoll {
  x: number;
  y: number;
}

/** The place of `r` on the map whose middle is at `origin`. */
export function mapPoint(r: Matrix3, origin: readonly [number, number]): MapPoint {
  const angles = yawPitchRollOf(r);
  const [x, y] = mollweide(angles.yaw, angles.pitch);
  return { ...angles, x: origin[0] + x, y: origin[1] + y };
}

/** `point`, and once more on the other edge if it lies within 1° of one: both are the same place. */
export const atBothEdges = (point: MapPoint, [x]: readonly [number, number]): MapPoint[] =>
  Math.abs(point.yaw) > 179 * radians ? [point, { ...point, x: 2 * x - point.x }] : [point];

/** x and y of a line that leaves the map at one edge and comes back at the other: a gap at each such jump. */
export function cutAtEdge(points: readonly MapPoint[]): { x: (number | null)[]; y: (number | null)[] } {
  const [x, y]: [number[], number[]] = [[], []];
  points.forEach((point, i) => {
    if (i > 0 && Math.abs(point.x - points[i - 1].x) > mollweideExtent[0] / 2) {
      x.push(Number.NaN);
      y.push(Number.NaN);
    }
    x.push(point.x);
    y.push(point.y);
  });
  return { x: roundNumbers(x), y: roundNumbers(y) };
}

const range = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + i * step);

/** Filled outline, meridians every 60°, parallels every 30°, and their degrees where there is room. */
export function mapGrid(origin: readonly [number, number], labelled: boolean): Trace[] {
  const place = (lon: number, lat: number): [number, number] => {
    const [x, y] = mollweide(lon * radians, lat * radians);
    return [origin[0] + x, origin[1] + y];
  };
  const line = (points: readonly (readonly [number, number])[]): Record<string, unknown> => ({
    type: "scatter",
    mode: "lines",
    x: roundNumbers(points.map(([x]) => x)),
    y: roundNumbers(points.map(([, y]) => y)),
    hoverinfo: "skip",
  });
  const gap = [Number.NaN, Number.NaN] as const;
  const meridian = (lon: number): [number, number][] => range(-90, 90, 3).map((lat) => place(lon, lat));
  const outline = [...meridian(180), ...meridian(-180).reverse()];
  const grid = [
    ...range(-120, 120, 60).flatMap((lon) => [...meridian(lon), gap]),
    ...range(-60, 60, 30).flatMap((lat) => [place(-180, lat), place(180, lat), gap]),
  ];
  const labels = [
    ...[-120, -60, 60, 120].map((lon) => ({ at: place(lon, -30), text: `${lon}°`, position: "bottom right" })),
    ...[-60, -30, 30, 60].map((lat) => ({ at: place(-180, lat), text: `${lat}°`, position: "middle left" })),
  ];
  const text: Trace = {
    type: "scatter",
    mode: "text",
    name: "degrees",
    x: roundNumbers(labels.map(({ at }) => at[0])),
    y: roundNumbers(labels.map(({ at }) => at[1])),
    text: labels.map(({ text }) => text.replace("-", "−")),
    textposition: labels.map(({ position }) => position),
    textfont: { size: 10, color: "#8c8c8c" },
    hoverinfo: "skip",
  };
  return [
    { ...line(outline), name: "map", fill: "toself", fillcolor: "#f7f7f7", line: { color: "#8c8c8c", width: 1 } },
    { ...line(grid), name: "grid", line: { color: "#d9d9d9", width: 1 } },
    ...(labelled ? [text] : []),
  ];
}
