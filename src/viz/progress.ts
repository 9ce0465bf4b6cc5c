/**
 * @file A progress bar with the time left.
 */
import { assertInput } from "../check";
import { display, inNotebook } from "./display";
import { escapeHtml } from "./escapeHtml";

/** A bar on the page. */
export interface Progress {
  /** `done` of the total are done; `note` says what is worth knowing now, such as the loss. */
  update(done: number, note?: string): void;
  /** Leave one line behind. It holds no time, so that a notebook that is run again stays the same to the byte. */
  finish(note?: string): void;
}

const drawEveryMs = 200;

/** "45 s", "3 min 20 s", "1 h 5 min". */
export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

/**
 * A bar for `total` pieces of work; nothing is shown outside a notebook.
 *
 * @throws InputError if total is not a positive number
 */
export function progress(total: number, label: string = "working"): Progress {
  assertInput(total > 0, `progress: total is ${total}; pass how many pieces of work there are`);
  const line = (text: string): Record<string, string> => ({
    "text/html": `<div>${escapeHtml(text)}</div>`,
    "text/plain": text,
  });
  const handle = inNotebook() ? display(line(label)) : undefined;
  const started = performance.now();
  let drawn = Number.NEGATIVE_INFINITY;
  let latest = 0;
  return {
    update(done, note = "") {
      latest = done;
      const now = performance.now();
      if (!handle || now - drawn < drawEveryMs) return;
      drawn = now;
      const seconds = (now - started) / 1000;
      const left = done > 0 ? `, ${duration((seconds * (total - done)) / done)} left` : "";
      const text = `${label}: ${done} of ${total}${left}${note ? ` · ${note}` : ""}`;
      handle.update({
        "text/html": `<div><progress value="${done}" max="${total}"></progress> ${escapeHtml(text)}</div>`,
        "text/plain": text,
      });
    },
    finish(note = "") {
      handle?.update(line(`${label}: ${latest} of ${total}${note ? ` · ${note}` : ""}`));
    },
  };
}
