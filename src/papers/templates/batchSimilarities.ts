/**
 * @file Many queries at once against all templates: the same similarities as `templateIndex` to within the rounding of
 * the query to bytes, by one matrix product a cell. For measurements; a single query is faster by the index.
 */
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { assertInput } from "../../check";
import { type TemplateCodes, templateCells } from "../../models/templateIndex";
import { unitFeatures } from "../../models/unitFeatures";
import type { PictureSide } from "./descriptor";

/** Options of `batchSimilarities`. */
export interface BatchSimilaritiesOptions {
  /** Cosines up to this count as 0. */
  threshold?: number;
  /** What both sides' features, rows of any norm, become before they are compared: an aggregation. */
  transform?: (rows: Tensor2D, side: PictureSide) => Tensor2D;
}

/**
 * Mean over each template's mask of the thresholded cosine (`templateSimilarity`).
 *
 * @param queries grid × grid × channels each
 * @returns of each query one similarity a template
 * @throws InputError for a query of another size
 */
export function batchSimilarities(
  queries: readonly Float32Array[],
  templates: TemplateCodes,
  channels: number,
  { threshold = 0.2, transform = (rows) => rows }: BatchSimilaritiesOptions = {},
): Float32Array[] {
  const { grid, channels: padded, ends, counts, cells, codes, inverse } = templates;
  const area = grid * grid;
  assertInput(
    channels <= padded && queries.every(({ length }) => length === area * channels),
    `batchSimilarities: the templates are compared with ${grid} × ${grid} × ${channels} numbers a query; use their descriptor`,
  );
  // Which features lie in a cell, and of which template.
  const rowsOf = Array.from({ length: area }, () => [] as number[]);
  const templatesOf = Array.from({ length: area }, () => [] as number[]);
  ends.forEach((_, t) => {
    const [start, end] = templateCells(templates, t);
    for (let i = start; i < end; i++) {
      rowsOf[cells[i]].push(i);
      templatesOf[cells[i]].push(t);
    }
  });
  const sums = queries.map(() => new Float32Array(ends.length));
  for (let cell = 0; cell < area; cell++) {
    const rows = rowsOf[cell];
    if (rows.length === 0) continue;
    const query = new Float32Array(queries.length * channels);
    queries.forEach((map, q) => {
      query.set(map.subarray(cell * channels, (cell + 1) * channels), q * channels);
    });
    const found = new Float32Array(rows.length * channels);
    rows.forEach((row, k) => {
      for (let c = 0; c < channels; c++) found[k * channels + c] = codes[row * padded + c] * inverse[row];
    });
    // Numbers leave outside of the tidy, which would walk through each of them.
    const product = tf.tidy(() => {
      const a = unitFeatures(transform(tf.tensor2d(query, [queries.length, channels]), "queries"));
      const b = unitFeatures(transform(tf.tensor2d(found, [rows.length, channels]), "templates"));
      return tf.matMul(a, b, false, true);
    });
    const cosines = product.dataSync();
    product.dispose();
    for (let q = 0, i = 0; q < queries.length; q++) {
      const sum = sums[q];
      for (const t of templatesOf[cell]) {
        const cosine = cosines[i++];
        if (cosine > threshold) sum[t] += cosine;
      }
    }
  }
  for (const sum of sums) for (let t = 0; t < sum.length; t++) if (counts[t] > 0) sum[t] /= counts[t];
  return sums;
}
