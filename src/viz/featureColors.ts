/**
 * @file Feature maps as pictures: their first three principal components as red, green and blue.
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { assertInput } from "../check";

/** A map of features. */
export interface FeatureMap {
  /** Cells × channels. */
  values: ArrayLike<number>;
  /** Cells that count; the others become grey. Default: all. */
  mask?: ArrayLike<number>;
}

const grey = 128;

/**
 * Colours of several maps in one space (paper C, Fig. 2): the principal components are those of all counted cells of all
 * maps together, so equal colours mean equal features. Each component is stretched to 0 … 255 over its 2 % and 98 %
 * quantiles; its sign is that of its largest entry.
 *
 * @returns for each map cells × 3 bytes
 * @throws InputError if a map is not of whole cells or fewer than four cells count
 */
export function featureColors(maps: readonly FeatureMap[], channels: number): Uint8Array[] {
  const rows: { map: number; cell: number }[] = [];
  maps.forEach(({ values, mask }, map) => {
    const cells = values.length / channels;
    assertInput(
      Number.isInteger(cells) && cells > 0 && (!mask || mask.length === cells),
      `featureColors: map ${map} has ${values.length} numbers and ${mask?.length ?? "no"} cells in its mask; give cells × ${channels}`,
    );
    for (let cell = 0; cell < cells; cell++) if (!mask || mask[cell]) rows.push({ map, cell });
  });
  assertInput(rows.length >= 4, `featureColors: ${rows.length} cells count; give masks with at least four`);
  const at = ({ map, cell }: { map: number; cell: number }, c: number): number => maps[map].values[cell * channels + c];
  const mean = Array.from({ length: channels }, (_, c) => rows.reduce((sum, row) => sum + at(row, c), 0) / rows.length);
  const covariance = Matrix.zeros(channels, channels);
  const centred = new Float64Array(channels);
  for (const row of rows) {
    for (let c = 0; c < channels; c++) centred[c] = at(row, c) - mean[c];
    for (let i = 0; i < channels; i++)
      for (let j = i; j < channels; j++) covariance.set(i, j, covariance.get(i, j) + centred[i] * centred[j]);
  }
  for (let i = 0; i < channels; i++) for (let j = 0; j < i; j++) covariance.set(i, j, covariance.get(j, i));
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
  const colors = maps.map(({ values }) => new Uint8Array((values.length / channels) * 3).fill(grey));
  for (let k = 0; k < Math.min(3, channels); k++) {
    const axis = eigenvectorMatrix.getColumn(order[k]);
    const largest = axis.reduce((best, x) => (Math.abs(x) > Math.abs(best) ? x : best), 0);
    const projected = rows.map((row) =>
      axis.reduce((sum, x, c) => sum + Math.sign(largest) * x * (at(row, c) - mean[c]), 0),
    );
    const sorted = [...projected].sort((a, b) => a - b);
    const quantile = (q: number): number => sorted[Math.round(q * (sorted.length - 1))];
    const [low, high] = [quantile(0.02), quantile(0.98)];
    const range = high > low ? high - low : 1;
    rows.forEach(({ map, cell }, i) => {
      colors[map][cell * 3 + k] = Math.max(0, Math.min(255, Math.round((255 * (projected[i] - low)) / range)));
    });
  }
  return colors;
}
