/**
 * @file Medians of wall-clock times.
 */

/** Times of repeated runs, in seconds. */
export interface Timing {
  medianSeconds: number;
  minSeconds: number;
  runs: number;
}

/** How often to run. */
export interface MeasureOptions {
  /** Runs that are timed, at least; one more goes before them to warm up. */
  runs?: number;
  /** Go on until this many seconds of timed runs are there. */
  seconds?: number;
}

/** Run `once` repeatedly and return the median; `once` must end only when its numbers are there. */
export async function measure(once: () => unknown, { runs = 3, seconds = 0 }: MeasureOptions = {}): Promise<Timing> {
  await once();
  const times: number[] = [];
  let total = 0;
  while (times.length < runs || total < seconds) {
    const start = performance.now();
    await once();
    const time = (performance.now() - start) / 1000;
    times.push(time);
    total += time;
  }
  times.sort((a, b) => a - b);
  const middle = times.length >> 1;
  const median =
    times.length % 2 === 1 ? times[middle] : ((times[middle - 1] as number) + (times[middle] as number)) / 2;
  return { medianSeconds: median as number, minSeconds: times[0] as number, runs: times.length };
}
