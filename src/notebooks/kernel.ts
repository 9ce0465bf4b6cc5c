/**
 * @file tslab's kernel without Jupyter: the same converter, executor and handler as behind JupyterLab, no ZeroMQ, no
 * Python. One process holds one kernel, because tslab keeps the cells' variables in that process's globals.
 */
import { createRequire } from "node:module";
import { mendTslab } from "./mendTslab";
import { type Output, splitText } from "./notebook";

interface DisplayContent {
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
  transient?: { display_id?: string };
}

interface Handler {
  handleExecute(
    request: { code: string },
    writeStream: (name: "stdout" | "stderr", text: string) => void,
    writeDisplay: (content: DisplayContent, update: boolean) => void,
  ): Promise<{ status: "ok" | "error" | "abort"; execution_count?: number }>;
  handleKernel(): { language_info: Record<string, unknown> };
}

interface Converter {
  close(): void;
}

/** The internals of tslab 1.0.22 that its own command line is made of. */
interface Tslab {
  createConverter(options: { isJS: boolean; isBrowser: boolean }): Converter;
  createExecutor(folder: string, converters: { node: Converter; close: () => void }, console: unknown): unknown;
  JupyterHandlerImpl: new (executor: unknown, isJs: boolean) => Handler;
}

/** What became of one cell. */
export interface CellResult {
  ok: boolean;
  outputs: Output[];
  executionCount: number | null;
}

/** A running kernel. */
export interface Kernel {
  languageInfo: Record<string, unknown>;
  execute(code: string): Promise<CellResult>;
}

/** Start a kernel in `folder`, to which the process's working folder must be set, as Jupyter does. */
export function startKernel(folder: string): Kernel {
  mendTslab();
  const nodeRequire = createRequire(__filename);
  const tslab = {
    ...nodeRequire("tslab/dist/converter.js"),
    ...nodeRequire("tslab/dist/executor.js"),
    ...nodeRequire("tslab/dist/jupyter.js"),
  } as Tslab;
  const node = tslab.createConverter({ isJS: false, isBrowser: false });
  const executor = tslab.createExecutor(folder, { node, close: () => node.close() }, console);
  const handler = new tslab.JupyterHandlerImpl(executor, false);
  const shown = new Map<string, Extract<Output, { data: unknown }>[]>();

  return {
    languageInfo: handler.handleKernel().language_info,
    async execute(code) {
      const outputs: Output[] = [];
      const result = await handler.handleExecute(
        { code },
        (name, text) => appendStream(outputs, name, text),
        (content, update) => appendDisplay(outputs, shown, content, update),
      );
      // What the cell wrote in its last microtasks still belongs to it.
      await new Promise((resolve) => setImmediate(resolve));
      return { ok: result.status === "ok", outputs, executionCount: result.execution_count ?? null };
    },
  };
}

function appendStream(outputs: Output[], name: "stdout" | "stderr", text: string): void {
  const last = outputs.at(-1);
  if (last?.output_type === "stream" && last.name === name) last.text = [...last.text, text].join("");
  else outputs.push({ output_type: "stream", name, text });
}

/** An update changes the display wherever it stands, also in the outputs of an earlier cell. */
function appendDisplay(
  outputs: Output[],
  shown: Map<string, Extract<Output, { data: unknown }>[]>,
  { data, metadata, transient }: DisplayContent,
  update: boolean,
): void {
  const id = transient?.display_id;
  const bundle = Object.fromEntries(Object.entries(data).map(([mime, value]) => [mime, storedForm(mime, value)]));
  if (update) {
    for (const output of (id && shown.get(id)) || []) Object.assign(output, { data: bundle, metadata });
    return;
  }
  const output = { output_type: "display_data" as const, data: bundle, metadata };
  if (id) shown.set(id, [...(shown.get(id) ?? []), output]);
  outputs.push(output);
}

/** nbformat stores text line by line; JSON as it is. */
const storedForm = (mime: string, value: unknown): unknown =>
  typeof value === "string" && (mime.startsWith("text/") || mime === "image/svg+xml") ? splitText(value) : value;
