/**
 * @file Mends tslab 1.0.22: `{ x }` fails with «x is not defined» where x comes from an earlier cell or from an import
 * of an earlier cell, because tslab overlooks shorthand properties when it redirects such names. Cells are given to it
 * with `{ x: x }` instead; line numbers stay.
 */
import { createRequire } from "node:module";
import type ts from "typescript";

interface Converter {
  convert(previous: string, source: string): unknown;
}

interface ConverterModule {
  createConverter(options?: unknown): Converter;
}

/** Expand the shorthand properties of `source`, with the compiler that tslab has loaded. */
export function expandShorthand(compiler: typeof ts, source: string): string {
  const file = compiler.createSourceFile("cell.ts", source, compiler.ScriptTarget.ES2022, true);
  const insertions: { at: number; text: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (compiler.isShorthandPropertyAssignment(node))
      insertions.push({ at: node.name.end, text: `: ${node.name.text}` });
    compiler.forEachChild(node, visit);
  };
  visit(file);
  return insertions.reverse().reduce((text, { at, text: more }) => text.slice(0, at) + more + text.slice(at), source);
}

/** Mend the tslab that this process loads; once is enough. */
export function mendTslab(): void {
  const nodeRequire = createRequire(__filename);
  const converter = nodeRequire("tslab/dist/converter.js") as ConverterModule & { mended?: true };
  if (converter.mended) return;
  const compiler = nodeRequire(
    nodeRequire.resolve("@tslab/typescript-for-tslab", { paths: [nodeRequire.resolve("tslab/dist/converter.js")] }),
  ) as typeof ts;
  const { createConverter } = converter;
  converter.mended = true;
  converter.createConverter = (options) => {
    const made = createConverter(options);
    const convert = made.convert.bind(made);
    made.convert = (previous, source) => convert(previous, expandShorthand(compiler, source));
    return made;
  };
}
