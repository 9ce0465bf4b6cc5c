/**
 * @file A 2-D figure → SVG without a browser: Plotly inside jsdom. 3-D figures go to `projectedSvg`.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Rng } from "../random";
import type { Figure } from "./figure";
import { type PngCanvas, pngCanvas } from "./pngCanvas";

interface PlotlyModule {
  newPlot(
    element: HTMLElement,
    data: readonly unknown[],
    layout: unknown,
    config: Record<string, unknown>,
  ): Promise<unknown>;
  purge(element: HTMLElement): void;
  Snapshot: { toSVG(element: HTMLElement, format: "svg", scale: number): string };
}

/** jsdom's window is typed as a page's; these are the parts that Plotly misses in it. */
interface PlotlyWindow {
  Plotly: PlotlyModule;
  document: Document;
  Math: { random: () => number };
  eval(source: string): void;
}

let page: PlotlyWindow | undefined;

/** Loads jsdom (0.5 s) and Plotly (0.8 s) when the first figure is drawn, not when the library is imported. */
function plotlyPage(): PlotlyWindow {
  if (page) return page;
  const nodeRequire = createRequire(__filename);
  const { JSDOM, VirtualConsole } = nodeRequire("jsdom") as typeof import("jsdom");
  // A silent console: Plotly warns of things that only matter to a page with a reader.
  const dom = new JSDOM("<!doctype html><body></body>", {
    runScripts: "outside-only",
    pretendToBeVisual: true,
    virtualConsole: new VirtualConsole(),
  });
  const window = dom.window;
  Object.assign(window, { TextDecoder, TextEncoder });
  Object.assign(window.URL, { createObjectURL: () => "blob:none", revokeObjectURL: () => {} });
  giveCanvas(window.HTMLCanvasElement.prototype);
  giveTextSizes(window as unknown as { SVGElement: typeof SVGElement; Element: typeof Element });
  window.eval(readFileSync(nodeRequire.resolve("plotly.js-dist/plotly.js"), "utf8"));
  page = window as unknown as PlotlyWindow;
  return page;
}

function giveCanvas(prototype: HTMLCanvasElement): void {
  const canvases = new WeakMap<HTMLCanvasElement, PngCanvas>();
  const canvasOf = (element: HTMLCanvasElement): PngCanvas => {
    const canvas = canvases.get(element) ?? pngCanvas(element.width, element.height);
    canvases.set(element, canvas);
    return canvas;
  };
  Object.assign(prototype, {
    getContext(this: HTMLCanvasElement, kind: string) {
      return kind === "2d" ? canvasOf(this).context : null;
    },
    toDataURL(this: HTMLCanvasElement) {
      return canvasOf(this).toDataURL();
    },
  });
}

/** jsdom lays nothing out: text gets the size that a sans-serif font has on average, 0.55 em a letter. */
function giveTextSizes({
  SVGElement,
  Element,
}: {
  SVGElement: typeof globalThis.SVGElement;
  Element: typeof globalThis.Element;
}): void {
  const fontSize = (element: Element | null): number => {
    for (let e = element as (Element & { style?: CSSStyleDeclaration }) | null; e?.style; e = e.parentElement) {
      const size = Number.parseFloat(e.style.fontSize);
      if (size) return size;
    }
    return 12;
  };
  const box = (element: Element): Record<string, number> => {
    const size = fontSize(element);
    const lines = Math.max(1, element.querySelectorAll("tspan.line").length);
    const width = ((element.textContent ?? "").length / lines) * size * 0.55;
    const height = size * 1.25 * lines;
    return { x: 0, y: -size, width, height, left: 0, top: 0, right: width, bottom: height };
  };
  const measureElement = Element.prototype.getBoundingClientRect;
  Object.assign(SVGElement.prototype, {
    getBBox(this: Element) {
      return box(this);
    },
    getComputedTextLength(this: Element) {
      return box(this).width;
    },
  });
  Element.prototype.getBoundingClientRect = function (this: Element): DOMRect {
    return this instanceof SVGElement ? (box(this) as unknown as DOMRect) : measureElement.call(this);
  };
}

/**
 * Draw `figure` as SVG. The same figure gives the same bytes: the names that Plotly draws by lot come from a stream that
 * is seeded with the figure itself.
 */
export function plotlySvg(figure: Figure): string {
  const json = JSON.stringify({ data: figure.data, layout: figure.layout });
  const { data, layout } = JSON.parse(json) as { data: unknown[]; layout: Record<string, unknown> };
  const window = plotlyPage();
  const rng = new Rng(createHash("sha256").update(json).digest().readUInt32LE(0));
  window.Math.random = () => rng.uniform();
  const element = window.document.createElement("div");
  window.document.body.appendChild(element);
  // Controls can't be used on paper.
  const { sliders: _sliders, updatemenus: _menus, ...still } = layout;
  // Traces without WebGL are drawn before the promise is back; nothing is left to wait for.
  window.Plotly.newPlot(element, data, still, { staticPlot: true }).catch(() => {});
  const svg = window.Plotly.Snapshot.toSVG(element, "svg", 1);
  window.Plotly.purge(element);
  element.remove();
  return svg;
}
