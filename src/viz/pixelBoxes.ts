/**
 * @file Boxes drawn onto an image: their edges through the pinhole camera, as 2-D traces.
 */
import { assertFinite } from "../check";
import type { OrientedBox } from "../geometry/box";
import { type Camera, project } from "../geometry/camera";
import type { Trace } from "./figure";
import { boxEdges } from "./markBox";
import { roundNumbers } from "./roundNumbers";
import { palette } from "./template";

/** Boxes that look alike and go by one name. */
export interface BoxSet {
  name: string;
  boxes: readonly OrientedBox[];
  color?: string;
  /** Pixels. */
  width?: number;
  opacity?: number;
  dash?: "solid" | "dash" | "dot";
}

/**
 * One line trace per set; a box that is not wholly in front of the camera is left out.
 * @throws InputError for a box that is not finite
 */
export function pixelBoxes(sets: readonly BoxSet[], camera: Camera): Trace[] {
  return sets.map(({ name, boxes, color = palette.yellow, width = 2, opacity = 1, dash = "solid" }) => {
    const line = boxes.flatMap((box) => {
      assertFinite(`pixelBoxes ${name}`, [...box.rotation, ...box.translation, ...box.size]);
      const edges = boxEdges(box, box.size);
      if (edges.flat().some((point) => point[2] <= 0)) return [];
      return edges.flatMap(([a, b]) => [project(camera, a), project(camera, b), [Number.NaN, Number.NaN]]);
    });
    return {
      type: "scatter",
      mode: "lines",
      name,
      x: roundNumbers(line.map((point) => point[0] as number)),
      y: roundNumbers(line.map((point) => point[1] as number)),
      line: { color, width, dash },
      opacity,
      hoverinfo: "name",
    };
  });
}
