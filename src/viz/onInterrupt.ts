/**
 * @file Lets long work in a cell stop when the reader presses ■.
 */

/**
 * Call `stop` at the next interrupt. tslab abandons an interrupted cell that awaits, but its work goes on: work that
 * yields now and then should look at a flag which `stop` sets.
 *
 * The listener is added in a microtask: tslab runs the synchronous part of a cell under vm's breakOnSigint, and a SIGINT
 * listener that is added there makes the next interrupt kill the kernel.
 *
 * @returns takes the listener away again; call it when the work is done
 */
export function onInterrupt(stop: () => void): () => void {
  const listener = (): void => stop();
  let wanted = true;
  queueMicrotask(() => {
    if (wanted) process.once("SIGINT", listener);
  });
  return () => {
    wanted = false;
    process.off("SIGINT", listener);
  };
}
