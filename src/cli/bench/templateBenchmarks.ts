/**
 * @file The search of one query among paper C's 21,672 templates of T-LESS.
 */
import { templateSimilarity } from "../../estimation/templateSimilarity";
import { encodeTemplates, joinTemplates, templateIndex } from "../../models/templateIndex";
import { Rng } from "../../random";
import type { Benchmark } from "./benchmark";
import { measure } from "./measure";

const [grid, channels, templates, distinct] = [32, 16, 21_672, 84];
const area = grid * grid;

/** Bytes a second that this machine reads and writes when it copies a large block. */
async function copyRate(): Promise<number> {
  const [from, to] = [new Uint8Array(1 << 28).fill(1), new Uint8Array(1 << 28)];
  const { minSeconds } = await measure(() => to.set(from));
  return (2 * from.length) / minSeconds;
}

export const templateSearch: Benchmark = {
  name: "templates",
  what: `similarities of a query with ${templates} templates of ${channels} × ${grid} × ${grid}, every cell in the mask, in bytes`,
  inTorch: false,
  run: async () => {
    const rng = new Rng(5);
    const maps = Float32Array.from(rng.normals(distinct * area * channels));
    const masks = new Uint8Array(distinct * area).fill(1);
    const part = encodeTemplates(maps, masks, { grid, channels });
    const index = templateIndex(joinTemplates(new Array(templates / distinct).fill(part)));
    // Like the first template, as a query is like the right one.
    const query = maps.subarray(0, area * channels).map((value) => value + rng.normal(0, 0.5));
    const found = index.search(query);
    const exact = Array.from({ length: distinct }, (_, t) =>
      templateSimilarity(query, maps.subarray(t * area * channels, (t + 1) * area * channels), masks.subarray(0, area)),
    );
    const timing = await measure(() => index.search(query), { runs: 5 });
    const rate = index.bytes / timing.minSeconds;
    return {
      ...timing,
      details: {
        "GB of templates": index.bytes / 1e9,
        "GB/s": rate / 1e9,
        "share of the copy's bandwidth": rate / (await copyRate()),
        "largest error by bytes": Math.max(...exact.map((similarity, t) => Math.abs(similarity - found[t]))),
      },
    };
  },
};
