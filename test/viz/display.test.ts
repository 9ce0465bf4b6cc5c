import { describe, expect, it, vi } from "vitest";
import { inNotebook } from "../../src/viz/display";
import { liveFigure } from "../../src/viz/liveFigure";
import { onInterrupt } from "../../src/viz/onInterrupt";
import { plotCurves } from "../../src/viz/plotCurves";
import { duration, progress } from "../../src/viz/progress";
import { show } from "../../src/viz/show";
import { showFrame, showTable } from "../../src/viz/showTable";

const printed = (action: () => void): string => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  action();
  const text = log.mock.calls.map((call) => call.join(" ")).join("\n");
  log.mockRestore();
  return text;
};

describe("outside a notebook", () => {
  it("a figure is its title", () => {
    expect(inNotebook()).toBe(false);
    expect(printed(() => show(plotCurves([{ name: "a", y: [1] }], { title: "loss" })))).toBe("Figure: loss");
  });

  it("a progress bar is silent", () => {
    const text = printed(() => {
      const bar = progress(10, "training");
      bar.update(5, "loss 1");
      bar.finish();
    });
    expect(text).toBe("");
    expect(() => progress(0)).toThrow(/total is 0/);
  });

  it("a live figure draws nothing", () => {
    printed(() => {
      const live = liveFigure();
      live.update(() => {
        throw new Error("drawn");
      });
      live.done(plotCurves([{ name: "a", y: [1] }]));
    });
  });

  it("a table is aligned text", () => {
    const rows = [
      { method: "ours", errorDeg: 4.25678 },
      { method: "theirs", n: 3 },
    ];
    expect(printed(() => showTable(rows, { title: "errors", digits: 3 })).split("\n")).toEqual([
      "errors",
      "method  errorDeg  n",
      "------  --------  -",
      "ours    4.26      –",
      "theirs  –         3",
    ]);
    const frame = { columns: ["a"], index: [0, 1], values: [[1], [2]], shape: [2, 1] };
    expect(printed(() => showFrame(frame, { maxRows: 1 }))).toContain("1 of 2 rows");
    expect(() => showTable([])).toThrow(/no rows/);
  });
});

describe("duration", () => {
  it("speaks in seconds, minutes and hours", () => {
    expect([0.2, 59.4, 200, 3900].map(duration)).toEqual(["0 s", "59 s", "3 min 20 s", "1 h 5 min"]);
  });
});

describe("onInterrupt", () => {
  it("listens from the next microtask until it is taken away", async () => {
    const before = process.listenerCount("SIGINT");
    const stop = vi.fn();
    const done = onInterrupt(stop);
    expect(process.listenerCount("SIGINT")).toBe(before);
    await Promise.resolve();
    expect(process.listenerCount("SIGINT")).toBe(before + 1);
    process.listeners("SIGINT").at(-1)?.call(process, "SIGINT");
    expect(stop).toHaveBeenCalledOnce();
    done();
    expect(process.listenerCount("SIGINT")).toBe(before);
  });
});
