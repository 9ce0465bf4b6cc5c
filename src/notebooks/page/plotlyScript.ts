/**
 * @file Plotly inside a page: packed to a fifth, unpacked by the browser, drawn where the reader looks.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";

let packed: string | undefined;

/** plotly.js, gzip, base64: 2.5 MB instead of 10 in every page. */
function packedPlotly(): string {
  packed ??= gzipSync(readFileSync(createRequire(__filename).resolve("plotly.js-dist/plotly.js")), {
    level: 9,
  }).toString("base64");
  return packed;
}

// Browsers keep few 3-D contexts alive (Chromium 16): a figure is drawn when it comes near and, if it is 3-D, put back
// to its still picture when it is far.
const makeLive = `(async () => {
  const plots = [...document.querySelectorAll("figure.plot")];
  const bytes = Uint8Array.from(atob(document.getElementById("plotly").textContent), (c) => c.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = document.createElement("script");
  script.textContent = await new Response(unpacked).text();
  document.head.append(script);
  const read = (plot) => JSON.parse(plot.querySelector("script").textContent);
  const swap = (plot, live) => {
    plot.querySelector(".still").hidden = live;
    plot.querySelector(".live").hidden = !live;
    plot.dataset.live = live;
  };
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const live = target.dataset.live === "true";
      const element = target.querySelector(".live");
      if (isIntersecting && !live) {
        swap(target, true);
        Plotly.newPlot(element, read(target)).catch(() => swap(target, false));
      } else if (!isIntersecting && live && read(target).layout?.scene) {
        Plotly.purge(element);
        swap(target, false);
      }
    }
  }, { rootMargin: "600px" });
  for (const plot of plots) observer.observe(plot);
})();`;

/** The scripts that make the figures of a page interactive, offline; without scripts the still pictures stay. */
export const plotlyScript = (): string =>
  `<script type="text/plain" id="plotly">${packedPlotly()}</script>\n<script>${makeLive}</script>`;
