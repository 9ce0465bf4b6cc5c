/**
 * @file Where long work may be stopped.
 */
import { Interrupted } from "./interrupted";

/** A turn of the event loop, so that a signal is seen. @throws Interrupted if the reader wants to stop */
export async function pause({ signal }: { signal: AbortSignal }): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (signal.aborted) throw new Interrupted();
}
