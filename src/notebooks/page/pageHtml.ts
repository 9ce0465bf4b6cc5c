/**
 * @file The frame of every page: head, style, body.
 */
import { escapeHtml } from "../../viz/escapeHtml";

const style = `
:root { color-scheme: light; --line: #dddddd; --soft: #f6f7f9; --link: #0072b2; }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.6 Helvetica, Arial, sans-serif; color: #222222; background: #ffffff; }
main { max-width: 760px; margin: 0 auto; padding: 24px 16px 80px; }
nav.contents { position: fixed; left: 24px; top: 24px; bottom: 24px; width: 220px; overflow: auto; font-size: 13px; line-height: 1.4; }
nav.contents a { display: block; padding: 3px 0 3px 8px; color: #555555; text-decoration: none; border-left: 2px solid var(--line); }
nav.contents a.level3 { padding-left: 20px; }
nav.contents a:hover { color: var(--link); border-color: var(--link); }
@media (max-width: 1260px) { nav.contents { display: none; } }
@media print { nav { display: none; } }
nav.pages { display: flex; justify-content: space-between; gap: 16px; font-size: 14px; padding: 8px 0; }
a { color: var(--link); }
h1, h2, h3 { line-height: 1.25; margin: 1.6em 0 0.5em; }
h1 { margin-top: 0.6em; }
pre { margin: 8px 0; padding: 10px 12px; overflow-x: auto; font: 13.5px/1.5 Menlo, Consolas, "DejaVu Sans Mono", monospace; }
:not(pre) > code { background: var(--soft); padding: 1px 4px; border-radius: 3px; font-size: 90%; }
.code pre, details pre { background: var(--soft); border: 1px solid var(--line); border-radius: 4px; }
.cell { margin: 14px 0; }
.stdout { padding: 4px 12px; }
.stderr { background: #fdeeee; border-left: 3px solid #d55e00; }
.passed { color: #00735a; }
.comment { color: #5c6370; font-style: italic; }
.string { color: #8a4b00; }
.keyword { color: #7a2c86; }
.number { color: #0a5c8f; }
.call { color: #1d4f91; }
.math { overflow-x: auto; margin: 12px 0; }
math { font-size: 112%; }
figure.plot { margin: 8px 0; overflow-x: auto; }
img { max-width: 100%; }
table { border-collapse: collapse; margin: 10px 0; font-size: 14px; }
caption { text-align: left; font-weight: bold; padding-bottom: 4px; }
th, td { padding: 4px 10px; border-bottom: 1px solid var(--line); text-align: left; }
thead th { border-bottom: 2px solid #999999; }
td.count { text-align: right; }
blockquote { margin: 12px 0; padding: 4px 16px; border-left: 4px solid #56b4e9; background: #f3f9fd; }
details { margin: 10px 0; padding: 6px 12px; border: 1px solid var(--line); border-radius: 4px; }
summary { cursor: pointer; font-weight: bold; }
.failed { color: #b23b00; font-weight: bold; }
`;

/** A whole page, which loads nothing: `body` and `scripts` are HTML, `title` is text. */
export const pageHtml = (title: string, body: string, scripts: string = ""): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
${scripts}
</body>
</html>
`;
