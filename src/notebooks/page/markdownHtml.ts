/**
 * @file Markdown with maths → HTML. Formulas become MathML, which browsers draw without fonts or scripts of ours.
 */
import katex from "katex";
import { Marked } from "marked";
import { escapeHtml } from "../../viz/escapeHtml";
import { highlightCode } from "./highlightCode";
import { type SanitizeOptions, sanitizeHtml } from "./sanitizeHtml";

/** A heading of the text, for the table of contents. */
export interface Heading {
  level: number;
  /** HTML, clean. */
  html: string;
  id: string;
}

/** The HTML of one markdown cell and its headings. */
export interface MarkdownResult {
  html: string;
  headings: Heading[];
}

// Private-use characters, which no text has: they stand for what is ready and must not pass the sanitizer.
const [open, close] = ["\uE000", "\uE001"];

const mathHtml = (tex: string, displayMode: boolean): string =>
  katex.renderToString(tex, { displayMode, output: "mathml", throwOnError: false, trust: false, strict: "ignore" });

/**
 * GitHub's markdown, `$…$` and `$$…$$`. `markdownHtml` keeps raw HTML such as `<details>` as far as `sanitizeHtml` does.
 *
 * @param headingPrefix makes the ids of the headings differ from those of other cells
 */
export function markdownHtml(source: string, headingPrefix: string, options: SanitizeOptions = {}): MarkdownResult {
  const ready: string[] = [];
  const headings: Omit<Heading, "html">[] = [];
  const headingTexts: string[] = [];
  const keep = (html: string): string => `${open}${ready.push(html) - 1}${close}`;
  const marked = new Marked({ gfm: true });
  marked.use({
    renderer: {
      code: ({ text, lang }) =>
        `<pre><code>${keep(/^(?:ts|typescript|js|javascript)$/.test(lang ?? "") ? highlightCode(text) : escapeHtml(text))}</code></pre>`,
      heading({ tokens, depth }) {
        const text = this.parser.parseInline(tokens);
        const id = `${headingPrefix}-${headings.length + 1}`;
        headings.push({ level: depth, id });
        headingTexts.push(text);
        return `<h${depth} id="${id}">${text}</h${depth}>\n`;
      },
    },
    extensions: [
      {
        name: "displayMath",
        level: "block",
        start: (text) => text.indexOf("$$"),
        tokenizer(text) {
          const match = /^\$\$([\s\S]+?)\$\$(?:\n|$)/.exec(text);
          return match ? { type: "displayMath", raw: match[0], tex: match[1].trim() } : undefined;
        },
        renderer: (token) => `<div class="math">${keep(mathHtml(token.tex as string, true))}</div>\n`,
      },
      {
        name: "inlineMath",
        level: "inline",
        start: (text) => text.indexOf("$"),
        tokenizer(text) {
          const display = /^\$\$([^$]+?)\$\$/.exec(text);
          if (display) return { type: "inlineMath", raw: display[0], tex: display[1].trim(), display: true };
          // No blank inside the dollars, no code, no digit behind them: «costs $5 and $6» is no formula.
          const match = /^\$(?!\s)((?:\\.|[^$\\\n`])+?)(?<!\s)\$(?!\d)/.exec(text);
          return match ? { type: "inlineMath", raw: match[0], tex: match[1] } : undefined;
        },
        renderer: (token) => keep(mathHtml(token.tex as string, token.display === true)),
      },
    ],
  });
  const finish = (html: string): string =>
    sanitizeHtml(html, options).replace(new RegExp(`${open}(\\d+)${close}`, "g"), (_, i) => ready[Number(i)]);
  const dirty = marked.parse(source.replace(/[\uE000\uE001]/g, ""), { async: false });
  return {
    html: finish(dirty),
    headings: headings.map((heading, i) => ({ ...heading, html: finish(headingTexts[i]) })),
  };
}
