import { expect, test } from "vitest";
import { defaultMixture, poseBatches } from "../../src/papers/poseBatch";
import { tinyBatches } from "./tinyModel";

test("the mixture of all six is the default, bit for bit", () => {
  const [plain, named] = [tinyBatches, { ...tinyBatches, mixture: defaultMixture }].map((o) => poseBatches(o)(1));
  expect(named).toEqual(plain);
});

test("a mixture decides which categories are seen", () => {
  const round = poseBatches({ ...tinyBatches, mixture: ["can", "bowl"] })(0);
  expect([...round.symmetric]).toEqual([1, 1, 1, 1]);
  const without = poseBatches({ ...tinyBatches, mixture: defaultMixture.filter((c) => c !== "bowl") })(0);
  expect(without.poses).not.toEqual(poseBatches(tinyBatches)(0).poses);
  expect(() => poseBatches({ ...tinyBatches, mixture: [] })).toThrow(/the mixture is empty; name at least one/);
});

test("of a box's two equal poses either is shown, over visits of the same view", () => {
  const batchAt = poseBatches({ ...tinyBatches, poolSize: 1, mixture: ["box"] });
  const firstColumns: number[][] = [];
  for (let step = 0; step < 8; step++) {
    const { poses, symmetric } = batchAt(step);
    for (let b = 0; b < symmetric.length; b++) {
      expect(symmetric[b]).toBe(2);
      firstColumns.push([...poses.slice(9 * b, 9 * b + 3)]);
    }
  }
  // Augmentation turns a view by at most 26°: the two signs of the x axis cannot be confused.
  const same = firstColumns.filter((c) => c.reduce((sum, x, k) => sum + x * firstColumns[0]![k]!, 0) > 0).length;
  expect(same).toBeGreaterThan(firstColumns.length * 0.2);
  expect(same).toBeLessThan(firstColumns.length * 0.8);
});

test("several draws of points read other points of the same views, and lie about one centre with the poses", () => {
  const [one, three] = [1, 3].map((pointDraws) => poseBatches({ ...tinyBatches, pointDraws })(0));
  const batch = one!.symmetric.length;
  expect(three!.grouping.batch).toBe(3 * batch);
  expect(three!.symmetric).toEqual(one!.symmetric);
  expect(three!.clouds).toHaveLength(one!.clouds.length);
  const [, second, third] = [0, 1, 2].map((d) => three!.grouping.levels[0]!.xyz.slice(d * 30, d * 30 + 30).join());
  expect(second).not.toBe(third);
  for (let b = 0; b < batch; b++) {
    // Another centre of more points of the same view: millimetres.
    const apart = [6, 7, 8].map((k) => Math.abs(three!.poses[9 * b + k]! - one!.poses[9 * b + k]!));
    expect(Math.max(...apart)).toBeLessThan(0.05);
  }
  const image = { crop: 32, grid: 8, materials: "typical" as const };
  expect(() => poseBatches({ ...tinyBatches, pointDraws: 2, image: image as never })).toThrow(
    /pictures go with one draw of points a cloud; leave pointDraws away/,
  );
});
