/**
 * @file A point cloud as a mark for `plotScene`.
 */
import { assertFinite, assertInput } from "../check";
import type { Trace } from "./figure";
import { roundNumbers } from "./roundNumbers";
import { colorscale, palette } from "./template";

/** Look of a cloud. */
export interface MarkPointsOptions {
  name?: string;
  /** One colour for all points. */
  color?: string;
  /** A number for each point, shown on the colour scale instead of `color`. */
  values?: ArrayLike<number>;
  /** What `values` are, with their unit. */
  valueTitle?: string;
  /** Diameter in pixels. */
  size?: number;
  /** Draw at most so many points, evenly spread over the order of the cloud. */
  maxPoints?: number;
}

const defaults = { name: "points", color: palette.sky, size: 2.5, maxPoints: 4000 } satisfies MarkPointsOptions;

/** Flat x, y, z, x, y, z, … or a list of triples. */
export type Points = ArrayLike<number> | readonly (readonly [number, number, number])[];

/** The coordinates of `points`, flat. @throws InputError if they are not triples of finite numbers */
export function flatPoints(where: string, points: Points): ArrayLike<number> {
  const flat =
    typeof points[0] === "number"
      ? (points as ArrayLike<number>)
      : (points as readonly (readonly [number, number, number])[]).flat();
  assertInput(
    flat.length % 3 === 0,
    `${where}: got ${flat.length} numbers, which are not triples; pass x, y, z of each point`,
  );
  assertFinite(where, flat);
  return flat;
}

/**
 * A cloud of points, metres.
 *
 * @throws InputError if the points are not triples of finite numbers, or `values` has another number of entries
 */
export function markPoints(points: Points, options: MarkPointsOptions = {}): Trace[] {
  const { name, color, size, maxPoints, values, valueTitle } = { ...defaults, ...options };
  const flat = flatPoints("markPoints", points);
  const n = flat.length / 3;
  assertInput(
    values === undefined || values.length === n,
    `markPoints: ${n} points but ${values?.length} values; pass one value for each point`,
  );
  const step = Math.max(1, Math.ceil(n / maxPoints));
  const kept = Array.from({ length: Math.ceil(n / step) }, (_, i) => i * step);
  const coordinate = (axis: number): (number | null)[] => roundNumbers(kept.map((i) => flat[3 * i + axis] as number));
  const paint = values
    ? {
        color: roundNumbers(kept.map((i) => values[i] as number)),
        colorscale,
        showscale: true,
        colorbar: { title: { text: valueTitle ?? "", side: "right" }, thickness: 12, len: 0.7 },
      }
    : { color };
  return [
    {
      type: "scatter3d",
      mode: "markers",
      name,
      x: coordinate(0),
      y: coordinate(1),
      z: coordinate(2),
      marker: { size, ...paint },
      hoverinfo: "name",
    },
  ];
}
