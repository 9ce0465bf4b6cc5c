import type { Tensor2D } from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { ready, tf } from "../../../src/backend";
import { templateSimilarity } from "../../../src/estimation/templateSimilarity";
import { encodeTemplates } from "../../../src/models/templateIndex";
import { batchSimilarities } from "../../../src/papers/templates/batchSimilarities";
import { Rng } from "../../../src/random";

beforeAll(() => ready());

const [grid, channels, count] = [4, 5, 3];
const rng = new Rng(8);
const draw = (many: number): Float32Array => Float32Array.from(rng.normals(many * grid * grid * channels));
const maps = draw(count);
const masks = Uint8Array.from({ length: count * grid * grid }, () => Number(rng.chance(0.6)));
const queries = [draw(1), draw(1)];
const templates = encodeTemplates(maps, masks, { grid, channels });
const at = <T extends Float32Array | Uint8Array>(all: T, t: number): T =>
  all.subarray((t * all.length) / count, ((t + 1) * all.length) / count) as T;

test("a batch has the similarities of each query and template, within the rounding of templates to bytes", () => {
  const before = tf.memory().numTensors;
  for (const threshold of [0, 0.2]) {
    const ours = batchSimilarities(queries, templates, channels, { threshold });
    queries.forEach((query, q) => {
      for (let t = 0; t < count; t++)
        expect(ours[q][t]).toBeCloseTo(templateSimilarity(query, at(maps, t), at(masks, t), { threshold }), 1);
    });
  }
  expect(tf.memory().numTensors).toBe(before);
});

test("an aggregation changes both sides before they are compared", () => {
  const first = (rows: Tensor2D): Tensor2D => tf.slice(rows, [0, 0], [-1, 1]);
  // Not as bytes: a channel that rounds to 0 has no sign.
  const exact = encodeTemplates(maps, masks, { grid, channels, precision: "float" });
  const [own] = batchSimilarities(queries, exact, channels, { threshold: -2, transform: first });
  // Of one channel, a cosine is the product of the signs.
  const expected = Array.from({ length: count }, (_, t) => {
    const mask = at(masks, t);
    const signs = [...mask].flatMap((on, cell) =>
      on ? [Math.sign(queries[0][cell * channels] * at(maps, t)[cell * channels])] : [],
    );
    return signs.reduce((sum, sign) => sum + sign, 0) / signs.length;
  });
  expected.forEach((value, t) => {
    expect(own[t]).toBeCloseTo(value, 1);
  });
});

test("a query of another grid is told", () => {
  expect(() => batchSimilarities([new Float32Array(7)], templates, channels)).toThrow("use their descriptor");
});
