/**
 * @file Notebook files (nbformat 4): reading, writing, and what can be counted in them.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { assertInput, InputError } from "../check";
import { plotlyMime } from "../viz/show";

/** Text as nbformat stores it: one string or its lines. */
export type Text = string | readonly string[];

/** What a cell printed or showed. */
export type Output =
  | { output_type: "stream"; name: "stdout" | "stderr"; text: Text }
  | {
      output_type: "display_data" | "execute_result";
      data: Record<string, unknown>;
      metadata: Record<string, unknown>;
      execution_count?: number | null;
    }
  | { output_type: "error"; ename: string; evalue: string; traceback: readonly string[] };

/** One cell. */
export interface Cell {
  cell_type: "code" | "markdown" | "raw";
  id?: string;
  metadata: Record<string, unknown>;
  source: Text;
  outputs?: Output[];
  execution_count?: number | null;
}

/** A notebook file. */
export interface Notebook {
  nbformat: number;
  nbformat_minor: number;
  metadata: Record<string, unknown>;
  cells: Cell[];
}

/** The text as one string. */
export const joinText = (text: Text): string => (typeof text === "string" ? text : text.join(""));

/** The text as nbformat's lines, each with its line end. */
export const splitText = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** Read a notebook. @throws InputError if the file is not there or is no notebook of nbformat 4 */
export function readNotebook(file: string): Notebook {
  const name = basename(file);
  let notebook: Partial<Notebook>;
  try {
    notebook = JSON.parse(readFileSync(file, "utf8")) as Partial<Notebook>;
  } catch (error) {
    throw new InputError(`readNotebook ${name}: ${(error as Error).message}; pass a Jupyter notebook (.ipynb)`);
  }
  assertInput(
    notebook.nbformat === 4 && Array.isArray(notebook.cells),
    `readNotebook ${name}: nbformat is ${notebook.nbformat}, expected 4 with a list of cells; save it with JupyterLab 3 or later`,
  );
  return notebook as Notebook;
}

/** Write a notebook as Jupyter itself does: one space of indentation and a line end. */
export const writeNotebook = (file: string, notebook: Notebook): void =>
  writeFileSync(file, `${JSON.stringify(notebook, null, 1)}\n`);

/** The first heading, or `fallback`. */
export function titleOf(notebook: Notebook, fallback: string): string {
  for (const cell of notebook.cells)
    if (cell.cell_type === "markdown") {
      const heading = /^#\s+(.+)$/m.exec(joinText(cell.source));
      if (heading) return heading[1].trim();
    }
  return fallback;
}

/** What the outputs hold. */
export interface OutputCounts {
  figures: number;
  /** Lines of `checkClose` that start with ✓. */
  checks: number;
}

/** Count figures and passed checks in the outputs. */
export function countOutputs(notebook: Notebook): OutputCounts {
  const outputs = notebook.cells.flatMap((cell) => cell.outputs ?? []);
  const figures = outputs.filter((output) => "data" in output && plotlyMime in output.data).length;
  const printed = outputs.map((output) => ("text" in output ? joinText(output.text) : "")).join("\n");
  return { figures, checks: printed.match(/^✓ /gm)?.length ?? 0 };
}
