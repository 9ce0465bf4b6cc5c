/**
 * @file An executed notebook as one page that needs no kernel, no server and no network.
 */
import { existsSync, readFileSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { escapeHtml } from "../../viz/escapeHtml";
import { plotlyMime } from "../../viz/show";
import { joinText, type Notebook, titleOf } from "../notebook";
import { highlightCode } from "./highlightCode";
import { type Heading, markdownHtml } from "./markdownHtml";
import { outputHtml } from "./outputHtml";
import { pageHtml } from "./pageHtml";
import { plotlyScript } from "./plotlyScript";
import type { SanitizeOptions } from "./sanitizeHtml";

/** A page that a notebook's page points to. */
export interface PageLink {
  title: string;
  href: string;
}

/** What surrounds the notebook. */
export interface NotebookPageOptions {
  /** The folder of the notebook, in which its pictures are looked up. */
  folder: string;
  /** The title where the notebook has no heading. */
  name: string;
  previous?: PageLink;
  next?: PageLink;
}

const pictureTypes: Record<string, string> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".svg": "image/svg+xml",
};

/** `notebook` with the outputs that it holds, as HTML. */
export function notebookPage(notebook: Notebook, { folder, name, previous, next }: NotebookPageOptions): string {
  const addresses: SanitizeOptions = {
    link: (address) => address.replace(/\.ipynb(?=#|$)/, ".html"),
    image: (address) => pictureOf(folder, address),
  };
  const headings: Heading[] = [];
  const cells = notebook.cells.map((cell, i) => {
    const source = joinText(cell.source);
    if (cell.cell_type === "raw" || source.trim() === "") return "";
    if (cell.cell_type === "markdown") {
      const result = markdownHtml(source, `cell${i + 1}`, addresses);
      headings.push(...result.headings);
      return `<section class="cell">${result.html}</section>`;
    }
    const outputs = (cell.outputs ?? []).map(outputHtml).join("\n");
    return `<section class="cell code"><pre><code>${highlightCode(source)}</code></pre></section>\n${outputs}`;
  });
  const live = notebook.cells.some((cell) =>
    cell.outputs?.some((output) => "data" in output && plotlyMime in output.data),
  );
  const pages = navigation(previous, next);
  const body = `${contents(headings)}<main>${pages}${cells.join("\n")}${pages}</main>`;
  return pageHtml(titleOf(notebook, name), body, live ? plotlyScript() : "");
}

function contents(headings: readonly Heading[]): string {
  const links = headings
    .filter(({ level }) => level === 2 || level === 3)
    // A link inside a link is not allowed: the words of the heading stay.
    .map(({ level, html, id }) => `<a class="level${level}" href="#${id}">${html.replace(/<\/?a\b[^>]*>/g, "")}</a>`);
  return links.length > 0 ? `<nav class="contents">${links.join("")}</nav>` : "";
}

function navigation(previous?: PageLink, next?: PageLink): string {
  const link = (page: PageLink | undefined, text: (title: string) => string): string =>
    page ? `<a href="${escapeHtml(page.href)}">${text(escapeHtml(page.title))}</a>` : "<span></span>";
  return `<nav class="pages">${link(previous, (title) => `← ${title}`)}<a href="index.html">all walkthroughs</a>${link(next, (title) => `${title} →`)}</nav>`;
}

/** A picture file inside the notebook's folder as a data address. */
function pictureOf(folder: string, address: string): string | undefined {
  const file = join(folder, decodeURI(address));
  const type = pictureTypes[extname(file).toLowerCase()];
  const outside = relative(folder, file).startsWith("..");
  if (!type || outside || !existsSync(file)) return undefined;
  return `data:${type};base64,${readFileSync(file).toString("base64")}`;
}
