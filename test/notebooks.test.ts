import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { JSDOM } from "jsdom";
import { chromium as playwright } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NotebookReport, runNotebooks } from "../src/cli/notebooks";
import { cellScript } from "../src/notebooks/cellScript";
import { lintNotebook } from "../src/notebooks/lintNotebook";
import { type Cell, countOutputs, type Notebook, readNotebook, titleOf } from "../src/notebooks/notebook";
import { notebookPage } from "../src/notebooks/page/notebookPage";
import { runNotebook } from "../src/notebooks/runNotebook";
import { typeCheckCells } from "./typeCheckCells";

const root = join(__dirname, "..");
const folder = join(root, "notebooks");
const walkthroughs = readdirSync(folder).filter((file) => file.endsWith(".ipynb"));
const fixtures = join(__dirname, "fixtures", "notebooks");

/** A browser of the system, if there is one: the browser test is skipped where there is none. */
const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((file) =>
  existsSync(file),
);

const code = (source: string, count: number | null = null): Cell => ({
  cell_type: "code",
  metadata: {},
  source,
  outputs: count === null ? [] : [{ output_type: "stream", name: "stdout", text: "1\n" }],
  execution_count: count,
});
const notebookOf = (...cells: Cell[]): Notebook => ({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: "tslab" } },
  cells,
});

describe.each(walkthroughs)("notebooks/%s", (file) => {
  const notebook = readNotebook(join(folder, file));

  it("keeps the rules of form, with its outputs stored", () => {
    expect(lintNotebook(notebook)).toEqual([]);
  });

  it("has cells that are strict TypeScript", () => {
    expect(typeCheckCells(notebook, folder)).toEqual([]);
  });
});

describe("a run of the demo", () => {
  let out: string;
  let reports: NotebookReport[];
  const lines: string[] = [];
  beforeAll(async () => {
    out = mkdtempSync(join(tmpdir(), "posediff-"));
    reports = await runNotebooks([], {
      folder: join(fixtures, "good"),
      out,
      quick: true,
      log: (line) => lines.push(line),
    });
  });
  afterAll(() => rmSync(out, { recursive: true }));

  it("runs through, counts figures and checks, and tells of each cell", () => {
    expect(lines.join("\n")).not.toContain("failed");
    expect(reports).toMatchObject([
      { name: "00-demo", title: "A demo of every output", ok: true, figures: 4, checks: 2 },
    ]);
    expect(lines.filter((line) => /^ {2}cell \d of 7 · [\d.]+ s · 0 min \d+ s in all$/.test(line))).toHaveLength(7);
    expect(lines).toContainEqual(expect.stringMatching(/^00-demo +[\d.]+ +4 +2$/));
  });

  it("shows the quick path to the cells and stores figures in three formats", () => {
    const notebook = readNotebook(join(out, "00-demo.ipynb"));
    expect(JSON.stringify(notebook)).toContain("quick path: true");
    const figures = notebook.cells.flatMap((cell) => cell.outputs ?? []).filter((output) => "data" in output);
    expect(Object.keys(figures[0].data)).toEqual(["application/vnd.plotly.v1+json", "image/svg+xml", "text/plain"]);
  });

  it("leaves a progress bar without a time and updates it in its place", () => {
    const cells = readNotebook(join(out, "00-demo.ipynb")).cells;
    const bar = cells.find((cell) => JSON.stringify(cell.source).includes("bar.finish"));
    expect(bar?.outputs?.[0]).toMatchObject({ data: { "text/plain": ["waiting: 20 of 20"] } });
    expect(bar?.outputs).toHaveLength(2);
  });

  it("gives the same bytes when it is run again", async () => {
    const again = join(out, "again.ipynb");
    const result = await runNotebook(join(fixtures, "good", "00-demo.ipynb"), again, { quick: true });
    expect(result.ok).toBe(true);
    expect(readFileSync(again, "utf8")).toBe(readFileSync(join(out, "00-demo.ipynb"), "utf8"));
  });

  it("writes a page that loads nothing, with live figures and MathML", () => {
    const page = readFileSync(join(out, "00-demo.html"), "utf8");
    const ours = page.replace(/<script type="text\/plain" id="plotly">[^<]*<\/script>/, "");
    expect(page.match(/id="plotly"/g)).toHaveLength(1);
    expect(ours.match(/<figure class="plot">/g)).toHaveLength(4);
    expect(ours).toContain("<math ");
    expect(ours).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(readFileSync(join(out, "index.html"), "utf8")).toContain(
      '<a href="00-demo.html">A demo of every output</a>',
    );
  });

  it.skipIf(chromium === undefined)(
    "has plots that live and a slider that moves in a browser without a network",
    async () => {
      const browser = await playwright.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
      try {
        const page = await browser.newPage();
        const problems: string[] = [];
        page.on("pageerror", (error) => problems.push(error.message));
        page.on("request", (request) => {
          if (/^(?:https?|wss?):/.test(request.url())) problems.push(request.url());
        });
        await page.goto(pathToFileURL(join(out, "00-demo.html")).href);
        await page.locator("figure.plot").first().locator(".live .main-svg").first().waitFor();
        const slider = page.locator("figure.plot").nth(2);
        await slider.scrollIntoViewIfNeeded();
        const curve = slider.locator(".live path.js-line");
        const last = await curve.getAttribute("d");
        await slider.locator(".live .slider-rail-touch-rect").click({ position: { x: 2, y: 5 } });
        await expect.poll(() => curve.getAttribute("d")).not.toBe(last);
        expect(problems).toEqual([]);
      } finally {
        await browser.close();
      }
    },
  );

  it("turns dollars into formulas only where they are formulas", () => {
    const page = readFileSync(join(out, "00-demo.html"), "utf8");
    expect(page).toContain("It costs $5 and <code>$HOME</code> stays.");
    expect(page).toContain('<a href="01-next.html">');
  });

  it("keeps scripts and handlers of the markdown out of the page", () => {
    const page = readFileSync(join(out, "00-demo.html"), "utf8");
    expect(page).not.toContain("alert(");
    expect(page).toContain("<b>bold</b>");
    expect(page).toContain("<td>&lt;paper&gt;</td>");
  });

  it("passes the type check", () => {
    expect(typeCheckCells(readNotebook(join(out, "00-demo.ipynb")), folder)).toEqual([]);
  });

  it("meets the rules of form once it was run", () => {
    expect(lintNotebook(readNotebook(join(out, "00-demo.ipynb")))).toEqual([]);
  });
});

describe("a run that fails", () => {
  it("tells the cell, its code and its error, keeps the outputs up to it, and goes on to the index", async () => {
    const out = mkdtempSync(join(tmpdir(), "posediff-"));
    const lines: string[] = [];
    const [report] = await runNotebooks(["00"], {
      folder: join(fixtures, "failing"),
      out,
      log: (line) => lines.push(line),
    });
    expect(report).toMatchObject({ ok: false, checks: 1, result: { failure: { cell: 2 } } });
    expect(lines.join("\n")).toContain('checkClose("one is two", one, 2);');
    expect(lines.join("\n")).toContain(
      "InputError: checkClose one is two: the largest difference 1 exceeds the tolerance",
    );
    expect(lines.join("\n")).not.toContain("evalmachine");
    expect(readdirSync(out).sort()).toEqual(["00-broken.html", "00-broken.ipynb", "index.html"]);
    rmSync(out, { recursive: true });
  });

  it("refuses names that no notebook has, and --quick with --write", async () => {
    await expect(runNotebooks(["17"], { folder: join(fixtures, "good") })).rejects.toThrow(
      /17 names 0 notebooks; choose one of 00-demo/,
    );
    await expect(runNotebooks([], { quick: true, write: true })).rejects.toThrow(/leave --quick out/);
  });
});

describe("lintNotebook", () => {
  it("accepts short cells that were run in order", () => {
    expect(lintNotebook(notebookOf(code("1;", 1), code("2;", 2)))).toEqual([]);
  });

  it("names each rule that is broken", () => {
    const long = `${"1;\n".repeat(31)}`;
    const sentences = lintNotebook({ ...notebookOf(code(long, 2), code("3;")), metadata: {} });
    expect(sentences.join("\n")).toMatch(
      /kernel is undefined[\s\S]*has 31 lines; at most 30[\s\S]*never run[\s\S]*in order/,
    );
    expect(lintNotebook(notebookOf(code("1;\n".repeat(9), 1)))[0]).toMatch(/median code cell has 9 lines/);
    expect(lintNotebook(notebookOf(code("1;")))[0]).toMatch(/no outputs are stored/);
    const heavy = code("1;", 1);
    heavy.outputs = [{ output_type: "stream", name: "stdout", text: "x".repeat(2_100_000) }];
    expect(lintNotebook(notebookOf(heavy))[0]).toMatch(/2\.1 MB; at most 2/);
  });
});

describe("notebook files", () => {
  it("count ✓ lines of checkClose alone", () => {
    const cell = code("1;", 1);
    cell.outputs = [{ output_type: "stream", name: "stdout", text: ["✓ a\n", "not ✓ b\n", "✗ c\n"] }];
    expect(countOutputs(notebookOf(cell))).toEqual({ figures: 0, checks: 1 });
    expect(titleOf(notebookOf(cell), "nameless")).toBe("nameless");
  });

  it("are refused where they are no notebooks", () => {
    expect(() => readNotebook(join(root, "package.json"))).toThrow(/nbformat is undefined, expected 4/);
    expect(() => readNotebook(join(root, "README.none"))).toThrow(/readNotebook README.none: ENOENT/);
  });

  it("map each line of the script back to its cell", () => {
    const { text, origins } = cellScript(notebookOf(code("const a = 1;\na;"), code("a;")));
    expect(origins[text.split("\n").lastIndexOf("a;")]).toEqual({ cell: 2, line: 1 });
    expect(typeCheckCells(notebookOf(code("const a = 1;"), code("1;\na.b;")), folder)).toEqual([
      "cell 2, line 2: Property 'b' does not exist on type '1'.",
    ]);
  });
});

describe("notebookPage", () => {
  it("cannot be broken out of by anything that a notebook holds", () => {
    const evil = '</script><script>alert(1)</script><img src=x onerror="alert(2)">';
    const cell = code(`"${evil}"`, 1);
    cell.outputs = [
      { output_type: "stream", name: "stdout", text: evil },
      { output_type: "error", ename: "E", evalue: evil, traceback: [evil] },
      {
        output_type: "display_data",
        metadata: {},
        data: { "text/html": `${evil}<a href="javascript:alert(3)">x</a>` },
      },
      {
        output_type: "display_data",
        metadata: {},
        data: { "image/svg+xml": `<svg>${evil}</svg>`, "text/plain": `"${evil}` },
      },
      {
        output_type: "display_data",
        metadata: {},
        data: { "application/vnd.plotly.v1+json": { data: [], layout: { title: { text: evil } } } },
      },
    ];
    const markdown: Cell = {
      cell_type: "markdown",
      metadata: {},
      source: `# ${evil}\n\n$${evil}$ [x](javascript:alert(4))`,
    };
    const page = notebookPage(notebookOf(markdown, cell), { folder, name: "evil" });
    const { document } = new JSDOM(page).window; // parsed, nothing run
    expect(document.querySelectorAll("script:not([type])")).toHaveLength(1); // our own
    const attributes = [...document.querySelectorAll("*")].flatMap((element) => [...element.attributes]);
    expect(attributes.filter(({ name }) => name.startsWith("on"))).toEqual([]);
    expect(attributes.filter(({ value }) => value.startsWith("javascript:"))).toEqual([]);
    expect([...document.images].map((image) => image.src).filter((src) => !src.startsWith("data:image/"))).toEqual([]);
  });
});
