/**
 * @file Shows a figure in a notebook.
 */
import { display, inNotebook, type MimeBundle } from "./display";
import { type Figure, figureTitle } from "./figure";
import { staticSvg } from "./staticSvg";

/** What a figure is called in a notebook's outputs. */
export const plotlyMime = "application/vnd.plotly.v1+json";

/** `figure` live for JupyterLab and VS Code, as SVG for GitHub and for pages without scripts, as a line of text. */
export function figureBundle(figure: Figure): MimeBundle {
  const { data, layout, frames } = figure;
  return {
    [plotlyMime]: { data, layout, ...(frames ? { frames } : {}), config: { responsive: true, displaylogo: false } },
    "image/svg+xml": staticSvg(figure),
    "text/plain": `Figure: ${figureTitle(figure)}`,
  };
}

/** Show `figure` below the cell; outside a notebook, print its title. */
export function show(figure: Figure): void {
  display(inNotebook() ? figureBundle(figure) : { "text/plain": `Figure: ${figureTitle(figure)}` });
}
