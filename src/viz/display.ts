/**
 * @file The thin layer over tslab's display: whole MIME bundles, replaced in place; silent outside a kernel.
 */

/** One output in several formats; the reader shows the richest that it knows. */
export type MimeBundle = Record<string, unknown>;

/** An output that is on the page already. */
export interface DisplayHandle {
  /** Put `bundle` in its place. */
  update(bundle: MimeBundle): void;
}

type WriteDisplay = (
  content: { data: MimeBundle; metadata: Record<string, unknown>; transient: { display_id: string } },
  update: boolean,
) => void;

/**
 * tslab's writer, looked up among the modules that the kernel has loaded: to load tslab where there is no kernel would
 * cost a second and a compiler. There is no public way to send more than one format at once.
 */
function kernelWriter(): WriteDisplay | undefined {
  const loaded = Object.keys(require.cache).find((file) => /[\\/]tslab[\\/]dist[\\/]jupyter\.js$/.test(file));
  const kernel = loaded
    ? (require.cache[loaded]?.exports as { lastWriteDisplayData?: WriteDisplay | null })
    : undefined;
  return kernel?.lastWriteDisplayData ?? undefined;
}

/** Whether this runs in a cell of a notebook. */
export const inNotebook = (): boolean => kernelWriter() !== undefined;

let displays = 0;

/** Show `bundle`. Outside a kernel its text/plain is printed once and updates do nothing. */
export function display(bundle: MimeBundle): DisplayHandle {
  const id = `posediff-${process.pid}-${displays++}`;
  const write = (data: MimeBundle, update: boolean): void => {
    const writer = kernelWriter();
    if (writer) writer({ data, metadata: {}, transient: { display_id: id } }, update);
    else if (!update && typeof data["text/plain"] === "string") console.log(data["text/plain"]);
  };
  write(bundle, false);
  return { update: (data) => write(data, true) };
}
