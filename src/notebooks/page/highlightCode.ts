/**
 * @file Colours for TypeScript in a page.
 */
import { escapeHtml } from "../../viz/escapeHtml";

const keywords =
  "abstract as async await break case catch class const continue default do else enum export extends false finally for from function if import in instanceof interface let new null of private public readonly return satisfies static super switch this throw true try type typeof undefined var void while yield";

// One alternative for each kind, longest first; what matches none is left as it is.
const token = new RegExp(
  [
    "(?<comment>\\/\\/[^\\n]*|\\/\\*[\\s\\S]*?\\*\\/)",
    "(?<string>\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\\\n])*'|`(?:\\\\.|[^`\\\\])*`)",
    `(?<keyword>(?<![\\w$.])(?:${keywords.split(" ").join("|")})(?![\\w$]))`,
    "(?<number>(?<![\\w$])(?:0x[\\da-fA-F]+|\\d[\\d_]*(?:\\.\\d+)?(?:e[+-]?\\d+)?))",
    "(?<call>[A-Za-z_$][\\w$]*(?=\\())",
  ].join("|"),
  "g",
);

/** `source` as HTML with spans of the classes comment, string, keyword, number and call. */
export function highlightCode(source: string): string {
  let html = "";
  let end = 0;
  for (const match of source.matchAll(token)) {
    const kind = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined)?.[0];
    html += `${escapeHtml(source.slice(end, match.index))}<span class="${kind}">${escapeHtml(match[0])}</span>`;
    end = match.index + match[0].length;
  }
  return html + escapeHtml(source.slice(end));
}
