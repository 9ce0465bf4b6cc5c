import { describe, expect, test } from "vitest";
import { InputError } from "../../src/check";
import { Rng } from "../../src/random";
import { plotEmbedding } from "../../src/viz/plotEmbedding";
import { umapEmbedding } from "../../src/viz/umapEmbedding";

describe("umapEmbedding", () => {
  const rng = new Rng(1);
  // Three far clusters of 20 points in 8 dimensions.
  const features = Array.from({ length: 60 }, (_, i) =>
    Array.from({ length: 8 }, (__, k) => (k === i % 3 ? 20 : 0) + rng.normal()),
  ).flat();

  test("the seed decides: the same twice, and another picture with another", () => {
    const first = umapEmbedding(features, 60, new Rng(7), { neighbors: 8 });
    expect(first).toHaveLength(120);
    expect(umapEmbedding(features, 60, new Rng(7), { neighbors: 8 })).toEqual(first);
    expect(umapEmbedding(features, 60, new Rng(8), { neighbors: 8 })).not.toEqual(first);
  });

  test("clusters stay apart: the nearest neighbour of a point is of its own", () => {
    const points = umapEmbedding(features, 60, new Rng(7), { neighbors: 8 });
    const far = (i: number, j: number): number =>
      i === j
        ? Number.POSITIVE_INFINITY
        : Math.hypot(points[2 * i] - points[2 * j], points[2 * i + 1] - points[2 * j + 1]);
    for (let i = 0; i < 60; i++) {
      const order = Array.from({ length: 60 }, (_, j) => j).sort((a, b) => far(i, a) - far(i, b));
      expect(order[0] % 3).toBe(i % 3);
    }
  });

  test("too few rows, or numbers that are none, are refused in one sentence", () => {
    expect(() => umapEmbedding([1, 2, 3, 4], 2, new Rng(1))).toThrow(/above the number of neighbours/);
    expect(() => umapEmbedding(features.slice(1), 60, new Rng(1))).toThrow(InputError);
    expect(() => umapEmbedding([Number.NaN, ...features.slice(1)], 60, new Rng(1))).toThrow(InputError);
  });
});

describe("plotEmbedding", () => {
  const points = [0, 0, 1, 0, 0, 1];
  test("one trace a label, with a colour and a form of its own", () => {
    const { data, layout } = plotEmbedding(points, { labels: ["mug", "can", "mug"], title: "features" });
    expect(data.map(({ name, x }) => [name, x])).toEqual([
      ["mug", [0, 0]],
      ["can", [1]],
    ]);
    const looks = data.map(({ marker }) => marker as { color: string; symbol: string });
    expect(looks[0].color).not.toBe(looks[1].color);
    expect(looks[0].symbol).not.toBe(looks[1].symbol);
    expect(layout.showlegend).toBe(true);
  });

  test("values come onto a scale, angles onto one that closes", () => {
    const scaleOf = (cyclic: boolean): (readonly [number, string])[] => {
      const { data } = plotEmbedding(points, { values: [1, 2, 3], valueTitle: "azimuth (degrees)", cyclic });
      expect(data).toHaveLength(1);
      return (data[0].marker as { colorscale: (readonly [number, string])[] }).colorscale;
    };
    const [open, closed] = [scaleOf(false), scaleOf(true)];
    expect(open[0][1]).not.toBe(open[open.length - 1][1]);
    expect(closed[0][1]).toBe(closed[closed.length - 1][1]);
    closed.slice(1).forEach(([at], i) => {
      expect(at).toBeGreaterThan(closed[i][0]);
    });
  });

  test("one label or value for each point", () => {
    expect(() => plotEmbedding(points, { labels: ["mug"] })).toThrow(/3 points but 1 labels/);
    expect(() => plotEmbedding(points, { values: [1] })).toThrow(InputError);
    expect(() => plotEmbedding([1])).toThrow(InputError);
  });
});
