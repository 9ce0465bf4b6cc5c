/**
 * @file A 3-D figure → SVG: points, lines and triangles in a parallel projection from the scene's camera. It stands
 * where nothing interactive can: on GitHub, on paper, while a network trains.
 */
import { cross, dot, normalize, scale, subtract, type Vector3 } from "../geometry/vector";
import { escapeHtml } from "./escapeHtml";
import { type Figure, figureTitle, type Trace } from "./figure";
import { shadeOf } from "./markMesh";
import { shadeColor } from "./shadeColor";
import { colorscale, palette } from "./template";

/** From space to the sheet: pixels to the right, pixels down, and pixels away from the reader. */
type Projection = (point: Vector3) => Vector3;

interface Drawing {
  project: Projection;
  pixelsPerMetre: number;
  right: Vector3;
  up: Vector3;
}

/** Draw the scatter3d and mesh3d traces of `figure`. */
export function projectedSvg(figure: Figure): string {
  const width = Number(figure.layout.width ?? 700);
  const height = Number(figure.layout.height ?? 520);
  const drawing = drawingOf(figure, width, height);
  const surfaces = figure.data.filter((trace) => trace.type === "mesh3d");
  const lines = figure.data.filter((trace) => trace.type === "scatter3d");
  const title = escapeHtml(figureTitle(figure));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, sans-serif">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...surfaces.map((trace) => meshPaths(trace, drawing)),
    ...lines.map((trace) => scatterPaths(trace, drawing)),
    triad(drawing, height),
    scaleBar(drawing, width, height),
    legend(figure.data, width),
    `<text x="14" y="30" font-size="17" fill="#222222">${title}</text>`,
    "</svg>",
  ].join("\n");
}

const numbers = (value: unknown): (number | null)[] =>
  Array.isArray(value) ? value.map((v) => (typeof v === "number" && Number.isFinite(v) ? v : null)) : [];

const textOf = (value: unknown, fallback: string): string => (typeof value === "string" ? value : fallback);

/** The points of a trace; null where a line breaks. */
function pointsOf(trace: Trace): (Vector3 | null)[] {
  const [x, y, z] = [numbers(trace.x), numbers(trace.y), numbers(trace.z)];
  return x.map((value, i) => {
    const [b, c] = [y[i] ?? null, z[i] ?? null];
    return value === null || b === null || c === null ? null : [value, b, c];
  });
}

function drawingOf(figure: Figure, width: number, height: number): Drawing {
  const scene = (figure.layout.scene ?? {}) as Record<string, Record<string, unknown>>;
  const { eye, up: upwards } = (scene.camera ?? {}) as Record<string, { x: number; y: number; z: number } | undefined>;
  const forward = normalize(eye ? [-eye.x, -eye.y, -eye.z] : [-1, -1, -1]);
  const right = normalize(cross(forward, upwards ? [upwards.x, upwards.y, upwards.z] : [0, 0, 1]));
  const up = cross(right, forward);
  const points = figure.data.flatMap(pointsOf).filter((point) => point !== null);
  const range = (axis: number): [number, number] => {
    const given = (scene[`${"xyz"[axis]}axis`]?.range ?? []) as number[];
    if (given.length === 2) return [given[0], given[1]];
    return points.reduce<[number, number]>(
      ([low, high], point) => [Math.min(low, point[axis]), Math.max(high, point[axis])],
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    );
  };
  const ranges = [range(0), range(1), range(2)];
  const centre = ranges.map(([low, high]) => (low + high) / 2) as unknown as Vector3;
  // The box of the scene must fit in whatever direction it is seen.
  const half = (direction: Vector3): number =>
    ranges.reduce((sum, [low, high], i) => sum + (Math.abs(direction[i]) * (high - low)) / 2, 0);
  const fit = Math.min((width / 2 - 40) / half(right), (height / 2 - 60) / half(up));
  const pixelsPerMetre = Number.isFinite(fit) && fit > 0 ? fit : 1; // a single point has no size
  const project: Projection = (point) => {
    const d = subtract(point, centre);
    return [
      width / 2 + pixelsPerMetre * dot(d, right),
      height / 2 + 10 - pixelsPerMetre * dot(d, up),
      pixelsPerMetre * dot(d, forward),
    ];
  };
  return { project, pixelsPerMetre, right, up };
}

const pixel = (value: number): string => String(Math.round(value * 10) / 10);

function scatterPaths(trace: Trace, { project }: Drawing): string {
  const mode = textOf(trace.mode, "markers");
  const points = pointsOf(trace).map((point) => (point ? project(point) : null));
  const paths: string[] = [];
  const opacity = typeof trace.opacity === "number" ? ` opacity="${trace.opacity}"` : "";
  if (mode.includes("lines")) {
    const line = (trace.line ?? {}) as Record<string, unknown>;
    const d = points.map((p, i) => (p ? `${points[i - 1] ? "L" : "M"}${pixel(p[0])} ${pixel(p[1])}` : "")).join("");
    const color = escapeHtml(textOf(line.color, palette.blue));
    const width = Math.max(1, Number(line.width ?? 2) / 1.6);
    paths.push(
      `<path d="${d}" fill="none" stroke="${color}" stroke-width="${pixel(width)}" stroke-linecap="round"${opacity}/>`,
    );
  }
  if (mode.includes("markers")) {
    const marker = (trace.marker ?? {}) as Record<string, unknown>;
    // Dots of one colour are one path of lines without length: a tenth of the bytes of as many circles.
    const groups = new Map<string, string[]>();
    const colors = markerColors(marker.color, points.length);
    points.forEach((p, i) => {
      if (!p) return;
      const group = groups.get(colors[i]) ?? [];
      group.push(`M${pixel(p[0])} ${pixel(p[1])}h0`);
      groups.set(colors[i], group);
    });
    const size = pixel(Math.max(2, Number(marker.size ?? 4)));
    for (const [color, dots] of groups)
      paths.push(
        `<path d="${dots.join("")}" stroke="${escapeHtml(color)}" stroke-width="${size}" stroke-linecap="round"${opacity}/>`,
      );
  }
  return paths.join("\n");
}

/** A colour for each marker; numbers are spread over the colour scale. */
function markerColors(color: unknown, n: number): string[] {
  if (!Array.isArray(color)) return new Array<string>(n).fill(textOf(color, palette.blue));
  const values = numbers(color);
  const known = values.filter((v) => v !== null);
  const low = known.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const span = known.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY) - low;
  return values.map((value) => {
    if (value === null) return palette.grey;
    const share = span > 0 ? (value - low) / span : 0.5;
    return colorscale[Math.round(share * (colorscale.length - 1))][1];
  });
}

/** Triangles from the farthest to the nearest, in the brightness that `markMesh` gave them. */
function meshPaths(trace: Trace, { project }: Drawing): string {
  const vertices = pointsOf(trace).map((point) => (point ? project(point) : null));
  const [i, j, k, brightness] = [numbers(trace.i), numbers(trace.j), numbers(trace.k), numbers(trace.intensity)];
  const opacity = typeof trace.opacity === "number" ? trace.opacity : 1;
  const base = textOf(trace.color, palette.grey);
  return i
    .map((_, n) => ({
      corners: [i[n], j[n], k[n]].map((index) => vertices[index ?? -1] ?? null),
      fill: escapeHtml(shadeColor(base, shadeOf(brightness[n] ?? 1))),
    }))
    .filter((triangle): triangle is { corners: Vector3[]; fill: string } => triangle.corners.every((c) => c !== null))
    .map((triangle) => ({ ...triangle, depth: triangle.corners.reduce((sum, corner) => sum + corner[2], 0) }))
    .sort((a, b) => b.depth - a.depth)
    .map(({ corners, fill }) => {
      const d = corners.map((v) => `${pixel(v[0])} ${pixel(v[1])}`).join("L");
      return `<path d="M${d}Z" fill="${fill}" stroke="${fill}" stroke-width="0.6" opacity="${opacity}"/>`;
    })
    .join("\n");
}

/** The directions of x, y and z, at the lower left. */
function triad({ right, up }: Drawing, height: number): string {
  const origin = [46, height - 46];
  return (
    [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ] as const
  )
    .map((axis, i) => {
      const tip = scale([dot(axis, right), -dot(axis, up), 0], 30);
      const [x, y] = [origin[0] + tip[0], origin[1] + tip[1]];
      return `<path d="M${origin[0]} ${origin[1]}L${pixel(x)} ${pixel(y)}" stroke="#808080"/><text x="${pixel(x + tip[0] * 0.3 - 3)}" y="${pixel(y + tip[1] * 0.3 + 4)}" font-size="11" fill="#606060">${"xyz"[i]}</text>`;
    })
    .join("");
}

/** A bar of 1, 2 or 5 · 10ⁿ metres, about a sixth of the sheet. */
function scaleBar({ pixelsPerMetre }: Drawing, width: number, height: number): string {
  const wished = width / 6 / pixelsPerMetre;
  const power = 10 ** Math.floor(Math.log10(wished));
  const length = ([5, 2, 1].find((factor) => factor * power <= wished) ?? 1) * power;
  const label =
    length >= 1
      ? `${length} m`
      : length >= 0.01
        ? `${Math.round(length * 100)} cm`
        : `${Number((length * 1000).toPrecision(1))} mm`;
  const [x, y] = [width - 24 - length * pixelsPerMetre, height - 24];
  return `<path d="M${pixel(x)} ${y}h${pixel(length * pixelsPerMetre)}" stroke="#404040" stroke-width="2"/><text x="${width - 24}" y="${y - 6}" font-size="11" fill="#404040" text-anchor="end">${label}</text>`;
}

function legend(traces: readonly Trace[], width: number): string {
  const colorOf = (trace: Trace): string => {
    const paint = (trace.mode === "lines" ? trace.line : trace.marker) as Record<string, unknown> | undefined;
    return trace.type === "mesh3d" ? textOf(trace.color, palette.grey) : textOf(paint?.color, palette.grey);
  };
  return traces
    .filter((trace) => typeof trace.name === "string" && trace.showlegend !== false)
    .map((trace, i) => {
      const y = 30 + 17 * i;
      return `<rect x="${width - 150}" y="${y - 9}" width="10" height="10" fill="${escapeHtml(colorOf(trace))}"/><text x="${width - 134}" y="${y}" font-size="12" fill="#222222">${escapeHtml(String(trace.name))}</text>`;
    })
    .join("");
}
