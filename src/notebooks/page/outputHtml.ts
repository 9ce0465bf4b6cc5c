/**
 * @file What a cell printed or showed, as HTML.
 */
import { escapeHtml } from "../../viz/escapeHtml";
import { plotlyMime } from "../../viz/show";
import { joinText, type Output, type Text } from "../notebook";
import { markdownHtml } from "./markdownHtml";
import { sanitizeHtml } from "./sanitizeHtml";

/** One output. A figure is its still picture and, beside it, the data from which the page's script makes it live. */
export function outputHtml(output: Output): string {
  if (output.output_type === "stream") return streamHtml(output.name, joinText(output.text));
  if (output.output_type === "error")
    return streamHtml("stderr", output.traceback.join("\n") || `${output.ename}: ${output.evalue}`);
  return bundleHtml(output.data);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what these sequences begin with
const ansi = /\u001b\[[0-9;]*[A-Za-z]/g;

function streamHtml(name: "stdout" | "stderr", text: string): string {
  const lines = escapeHtml(text.replace(ansi, "").replace(/\n$/, ""))
    .split("\n")
    .map((line) => (line.startsWith("✓ ") ? `<span class="passed">${line}</span>` : line));
  return `<pre class="${name}">${lines.join("\n")}</pre>`;
}

/** The richest format that a page can show. */
function bundleHtml(data: Record<string, unknown>): string {
  const text = (mime: string): string | undefined => (mime in data ? joinText(data[mime] as Text) : undefined);
  const [html, svg, png, jpeg] = [text("text/html"), text("image/svg+xml"), text("image/png"), text("image/jpeg")];
  if (plotlyMime in data) return figureHtml(data[plotlyMime], svg, text("text/plain") ?? "figure");
  if (html !== undefined) return `<div class="html">${sanitizeHtml(html)}</div>`;
  if (svg !== undefined) return svgImage(svg, text("text/plain") ?? "");
  for (const [mime, base64] of [
    ["image/png", png],
    ["image/jpeg", jpeg],
  ])
    if (base64 !== undefined) return `<img alt="" src="data:${mime};base64,${escapeHtml(base64.replace(/\s/g, ""))}">`;
  const markdown = text("text/markdown");
  if (markdown !== undefined) return markdownHtml(markdown, "output").html;
  return streamHtml("stdout", text("text/plain") ?? "");
}

function figureHtml(figure: unknown, svg: string | undefined, name: string): string {
  // «<» can't stand in the data of a script element, or a title could end the element.
  const json = JSON.stringify(figure).replace(/</g, "\\u003c");
  const still = svg === undefined ? escapeHtml(name) : svgImage(svg, name);
  return `<figure class="plot"><div class="still">${still}</div><div class="live" hidden></div><script type="application/json">${json}</script></figure>`;
}

/** As an image, SVG can neither run scripts nor share names with another picture of the page. */
const svgImage = (svg: string, name: string): string =>
  `<img alt="${escapeHtml(name)}" src="data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}">`;
