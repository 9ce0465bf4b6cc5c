/**
 * @file The page that lists all walkthroughs of a run.
 */
import { escapeHtml } from "../../viz/escapeHtml";
import { pageHtml } from "./pageHtml";

/** One walkthrough in the list. */
export interface IndexEntry {
  title: string;
  href: string;
  ok: boolean;
  seconds: number;
  figures: number;
  checks: number;
}

/** The list with what each run took and gave. */
export function indexPage(entries: readonly IndexEntry[], quick: boolean): string {
  const rows = entries.map(
    ({ title, href, ok, seconds, figures, checks }) =>
      `<tr><td><a href="${escapeHtml(href)}">${escapeHtml(title)}</a></td><td class="count">${(seconds / 60).toFixed(1)}</td><td class="count">${figures}</td><td class="count">${checks}</td><td>${ok ? "ran through" : '<span class="failed">failed</span>'}</td></tr>`,
  );
  const note = quick ? "<p>Quick path: fewer samples and steps than the figures in the text stand for.</p>" : "";
  const head = "<tr><th>walkthrough</th><th>minutes</th><th>figures</th><th>checks passed</th><th></th></tr>";
  return pageHtml(
    "posediff: walkthroughs",
    `<main><h1>posediff: walkthroughs</h1><p>6-D object pose estimation by diffusion, step by step. Each page is complete in itself and works offline; its plots can be turned, zoomed and played.</p>${note}<table><thead>${head}</thead><tbody>${rows.join("\n")}</tbody></table></main>`,
  );
}
