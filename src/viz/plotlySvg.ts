/**
 * @file A 2-D figure → SVG without a browser: Plotly inside jsdom. 3-D figures go to `projectedSvg`.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Rng } from "../random";
import { escapeHtml } from "./escapeHtml";
import type { Figure } from "./figure";
import { sliderRoom } from "./plotSlider";
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

/** Where Plotly keeps the places of the axes that it has drawn, in pixels. */
interface DrawnElement {
  _fullLayout: Record<"xaxis" | "yaxis", { _offset: number; _length: number }>;
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
  const textBox = (element: Element): { width: number; height: number } => {
    const size = fontSize(element);
    const lines = Math.max(1, element.querySelectorAll("tspan.line").length);
    return { width: ((element.textContent ?? "").length / lines) * size * 0.55, height: size * 1.25 * lines };
  };
  // A group is as large as its largest text: where its parts lie is not known here.
  const box = (element: Element): Record<string, number> => {
    const texts = element.tagName === "g" ? [...element.querySelectorAll("text")] : [element];
    const sizes = texts.map(textBox);
    const [width, height] = [Math.max(0, ...sizes.map((s) => s.width)), Math.max(0, ...sizes.map((s) => s.height))];
    return { x: 0, y: -fontSize(element), width, height, left: 0, top: 0, right: width, bottom: height };
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
  // Traces without WebGL are drawn before the promise is back; nothing is left to wait for.
  window.Plotly.newPlot(element, data, onPaper(layout), { staticPlot: true }).catch(() => {});
  const svg = window.Plotly.Snapshot.toSVG(element, "svg", 1);
  const titles = axisTitles(element, layout);
  window.Plotly.purge(element);
  element.remove();
  return svg.replace(/<\/svg>\s*$/, `${titles}</svg>`);
}

/**
 * The layout without what needs a reader's page: controls, and whatever Plotly places by measuring text that is laid out
 * (margins that grow, labels that turn, titles pushed away from labels; `axisTitles` draws those).
 */
function onPaper({ sliders, updatemenus, ...layout }: Record<string, unknown>): Record<string, unknown> {
  const axis = (name: string): object => ({
    ...(layout[name] as object),
    automargin: false,
    tickangle: 0,
    title: { text: "" },
  });
  const still = { ...layout, xaxis: axis("xaxis"), yaxis: axis("yaxis") };
  if (!sliders && !updatemenus) return still;
  const margin = layout.margin as { b: number };
  return {
    ...still,
    height: Number(layout.height) - sliderRoom.height,
    margin: { ...margin, b: margin.b - sliderRoom.margin },
  };
}

/** The titles of the axes at fixed distances from where Plotly has put the axes. */
function axisTitles(element: HTMLElement, layout: Record<string, unknown>): string {
  const { xaxis, yaxis } = (element as unknown as DrawnElement)._fullLayout;
  const title = (name: string): string =>
    escapeHtml((layout[name] as { title?: { text?: string } } | undefined)?.title?.text ?? "");
  const [x, y] = [xaxis._offset + xaxis._length / 2, yaxis._offset + yaxis._length / 2];
  const text = (place: string, content: string): string =>
    `<text ${place} text-anchor="middle" font-family="Helvetica, Arial, sans-serif" font-size="14" fill="#222222">${content}</text>`;
  return (
    text(`x="${x}" y="${yaxis._offset + yaxis._length + 40}"`, title("xaxis")) +
    text(`transform="translate(${xaxis._offset - 45} ${y}) rotate(-90)"`, title("yaxis"))
  );
}
