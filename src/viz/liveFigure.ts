/**
 * @file A figure that changes while the cell runs.
 */
import { display, inNotebook } from "./display";
import { type Figure, figureTitle } from "./figure";
import { figureBundle } from "./show";
import { staticSvg } from "./staticSvg";

/** The figure on the page. */
export interface LiveFigure {
  /** Draw the present state, unless the last drawing is younger than the interval. */
  update(figure: () => Figure): void;
  /** Draw the end; from now on the figure is interactive. */
  done(figure: Figure): void;
}

/**
 * Frames are SVG: JupyterLab's Plotly renderer ignores updates of a figure that it has drawn, but a change of format
 * gets a new renderer. So `done` swaps the last frame for the interactive figure.
 *
 * @param intervalSeconds least time between two frames; a frame costs 30 to 150 ms
 */
export function liveFigure(intervalSeconds: number = 1): LiveFigure {
  const handle = display({ "text/plain": "…" });
  let drawn = Number.NEGATIVE_INFINITY;
  return {
    update(figure) {
      const now = performance.now();
      if (!inNotebook() || now - drawn < intervalSeconds * 1000) return;
      const current = figure();
      handle.update({ "image/svg+xml": staticSvg(current), "text/plain": figureTitle(current) });
      drawn = performance.now();
    },
    done(figure) {
      if (inNotebook()) handle.update(figureBundle(figure));
    },
  };
}
