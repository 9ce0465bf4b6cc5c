/**
 * @file A notebook's code cells as one TypeScript file, for the type check.
 */
import { joinText, type Notebook } from "./notebook";

/** The script and where each of its lines comes from. */
export interface CellScript {
  text: string;
  /** For each line of the script: code cell (from 1) and line in it (from 1). */
  origins: readonly { cell: number; line: number }[];
}

/** The code cells one after the other. `export {}` makes the file a module: its names are its own, and it may await. */
export function cellScript(notebook: Notebook): CellScript {
  const lines = ["export {};"];
  const origins = [{ cell: 0, line: 0 }];
  let cell = 0;
  for (const { cell_type, source } of notebook.cells) {
    if (cell_type !== "code") continue;
    cell += 1;
    lines.push(`// %% cell ${cell}`);
    origins.push({ cell, line: 0 });
    joinText(source)
      .split("\n")
      .forEach((text, i) => {
        lines.push(text);
        origins.push({ cell, line: i + 1 });
      });
  }
  return { text: lines.join("\n"), origins };
}
