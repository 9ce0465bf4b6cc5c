/**
 * @file The rules of form for walkthroughs that a machine can check (notebooks/SCORES.md holds the others).
 */
import { joinText, type Notebook } from "./notebook";

/** Limits; the rows 6 and 17 of the score sheet. */
const limits = { medianLines: 8, longestLines: 30, megabytes: 2 };

/** What is wrong with `notebook`, one sentence each; nothing if all is well. */
export function lintNotebook(notebook: Notebook): string[] {
  const code = notebook.cells.filter((cell) => cell.cell_type === "code");
  const lines = code.map((cell) => joinText(cell.source).trimEnd().split("\n").length);
  const sorted = [...lines].sort((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  const size = Buffer.byteLength(JSON.stringify(notebook, null, 1)) / 1e6;
  const kernel = (notebook.metadata.kernelspec as { name?: string } | undefined)?.name;
  const sentences: string[] = [];
  if (code.length === 0) sentences.push("it has no code cell");
  if (kernel !== "tslab") sentences.push(`its kernel is ${kernel}; choose «TypeScript (tslab)»`);
  if (median > limits.medianLines)
    sentences.push(
      `the median code cell has ${median} lines; at most ${limits.medianLines}: split cells or move code to src/`,
    );
  lines.forEach((n, i) => {
    if (n > limits.longestLines)
      sentences.push(`code cell ${i + 1} has ${n} lines; at most ${limits.longestLines}: split it`);
  });
  if (size > limits.megabytes)
    sentences.push(`the file has ${size.toFixed(1)} MB; at most ${limits.megabytes}: show fewer points or frames`);
  if (!code.some((cell) => (cell.outputs ?? []).length > 0))
    sentences.push("no outputs are stored; run «npx posediff notebooks --write»");
  else if (code.some((cell) => joinText(cell.source).trim() !== "" && !cell.execution_count))
    sentences.push("some code cells were never run; run «npx posediff notebooks --write»");
  const counts = code.map((cell) => cell.execution_count).filter((count) => typeof count === "number");
  if (counts.some((count, i) => count !== i + 1))
    sentences.push("the cells were not run once in order; run «npx posediff notebooks --write»");
  return sentences;
}
