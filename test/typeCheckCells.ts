/**
 * @file Type-checks the cells of a notebook as one strict module, against the built library, without writing a file.
 */
import { join } from "node:path";
import ts from "typescript";
import { cellScript } from "../src/notebooks/cellScript";
import type { Notebook } from "../src/notebooks/notebook";

const options: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  // What the kernel has: it does not know toSorted and its like.
  lib: ["lib.es2022.d.ts"],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: ["node"],
};

/** The errors in `notebook`, which lies in `folder`: «cell 3, line 2: …». */
export function typeCheckCells(notebook: Notebook, folder: string): string[] {
  const script = cellScript(notebook);
  const file = join(folder, "cells-of-the-notebook.ts");
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.getSourceFile = (name, language, ...rest) =>
    name === file ? ts.createSourceFile(name, script.text, language) : getSourceFile(name, language, ...rest);
  const program = ts.createProgram([file], options, host);
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(file))
    .map(({ messageText, file: source, start = 0 }) => {
      const { cell, line } = script.origins[source?.getLineAndCharacterOfPosition(start).line ?? 0];
      return `cell ${cell}, line ${line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
}
