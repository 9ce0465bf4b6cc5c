import { describe, expect, test } from "vitest";
import { inTurn, keptPairs, type RealPair, realBatches } from "../../../src/papers/templates/realPairs";
import type { ViewBatch } from "../../../src/papers/templates/viewBatch";

const [size, grid] = [8, 2];
/** Pictures whose first mask cell tells nothing and whose template is the pair's own number. */
const pairs: RealPair[] = Array.from({ length: 12 }, (_, i) => ({
  objectId: i % 3,
  view: Math.floor(i / 6),
  query: new Uint8Array(size * size * 3).fill(10 * i),
  template: new Uint8Array(size * size * 3).fill(i),
  mask: new Uint8Array(grid * grid).fill(1),
}));
const run = { seed: 1, batchSize: 4, viewsPerObject: 2 };
const numbersOf = ({ templates }: ViewBatch): number[] =>
  Array.from({ length: 4 }, (_, b) => templates[b * size * size * 3]);

describe("batches of real pictures", () => {
  test("are a function of the step: pairs of two objects, of different views", () => {
    const [a, b] = [realBatches(pairs, run, { size, grid }), realBatches(pairs, run, { size, grid })];
    for (let step = 0; step < 20; step++) {
      const batch = a(step);
      expect(batch).toEqual(b(step));
      const numbers = numbersOf(batch);
      const objects = numbers.map((n) => n % 3);
      expect(objects[0]).toBe(objects[1]);
      expect(objects[2]).toBe(objects[3]);
      expect(objects[0]).not.toBe(objects[2]);
      const views = numbers.map((n) => Math.floor(n / 6));
      expect(views[0]).not.toBe(views[1]);
      expect(views[2]).not.toBe(views[3]);
    }
    const seen = new Set(Array.from({ length: 40 }, (_, step) => numbersOf(a(step))).flat());
    expect(seen.size).toBe(12);
  });

  test("are refused without pictures", () => {
    expect(() => realBatches([], run, { size, grid })).toThrow("choose others, or the other half");
  });

  test("pairs are kept as they come, and take turns with toys", async () => {
    async function* one() {
      const { objectId, view, query: queries, template: templates, mask: masks } = pairs[7];
      yield { objectId, view, batch: 1, queries, templates, masks };
    }
    expect(await keptPairs(one())).toEqual([pairs[7]]);
    const named = (name: string) => (step: number) => ({ name, step }) as unknown as ViewBatch;
    let closed = false;
    const toys = {
      batch: async (step: number) => named("toys")(step),
      close: async () => {
        closed = true;
      },
    };
    const stream = inTurn(toys, named("real"));
    expect(await Promise.all([0, 1, 2, 3].map(stream.batch))).toEqual([
      { name: "toys", step: 0 },
      { name: "real", step: 0 },
      { name: "toys", step: 1 },
      { name: "real", step: 1 },
    ]);
    await stream.close();
    expect(closed).toBe(true);
  });
});
