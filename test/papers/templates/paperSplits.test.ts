import { describe, expect, test } from "vitest";
import { paperSplits, splitMeans } from "../../../src/papers/templates/paperSplits";

describe("paper C's splits", () => {
  test("every object of LINEMOD is unseen once, and none is on both sides", () => {
    const linemod = [paperSplits["lm-1"], paperSplits["lm-2"], paperSplits["lm-3"]];
    const unseen = linemod.flatMap((split) => split.unseen);
    expect(unseen).toEqual([1, 2, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15]);
    for (const split of linemod) expect([...split.seen, ...split.unseen].sort((a, b) => a - b)).toEqual(unseen);
    expect([...paperSplits.tless.seen, ...paperSplits.tless.unseen]).toEqual(
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
    expect(paperSplits.tless.unseen[0]).toBe(19);
  });

  test("means are over the objects that have a score: of Occlusion-LINEMOD's eight, ape and can are unseen in split 1", () => {
    const scores = { 1: 0.5, 5: 0.7, 6: 0.1, 8: 0.2, 9: 0.3, 10: 0.4, 11: 0.5, 12: 0.6 };
    const { seen, unseen } = splitMeans(paperSplits["lm-1"], scores);
    expect(unseen).toBeCloseTo(0.6, 12);
    expect(seen).toBeCloseTo(0.35, 12);
    expect(splitMeans(paperSplits.tless, { 19: 1 })).toEqual({ seen: undefined, unseen: 1 });
  });
});
