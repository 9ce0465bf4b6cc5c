/**
 * @file One descriptor of a whole picture in place of cells: what matching cell by cell is compared with.
 */
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { keptWeights } from "../../models/params";
import { type TemplateCodes, templateCells } from "../../models/templateIndex";
import { unitFeatures } from "../../models/unitFeatures";
import type { ObjectTemplates } from "./templateStore";

/** Matches queries with templates. Owns tensors: `dispose()` when done. */
export interface PooledMatcher {
  /** Of one query's maps, grid × grid × channels each: one similarity a template, all objects' one after the other. */
  similarities: (maps: readonly Float32Array[]) => Float32Array;
  dispose: () => void;
}

/** Masks (templates × cells) and mean unit features (templates × channels) of one layer of an object. */
function pooled(templates: TemplateCodes) {
  const { grid, channels, ends, cells, codes, inverse } = templates;
  const masks = new Float32Array(ends.length * grid * grid);
  const means = new Float32Array(ends.length * channels);
  ends.forEach((_, t) => {
    const [start, end] = templateCells(templates, t);
    for (let i = start; i < end; i++) {
      masks[t * grid * grid + cells[i]] = 1;
      for (let c = 0; c < channels; c++) means[t * channels + c] += codes[i * channels + c] * inverse[i];
    }
  });
  return { masks: tf.tensor2d(masks, [ends.length, grid * grid]), means: tf.tensor2d(means, [ends.length, channels]) };
}

/** Cosines of the mean unit feature within each template's mask with the query's mean there, averaged over the layers. */
export function pooledMatcher(objects: readonly ObjectTemplates[]): PooledMatcher {
  const layers = objects[0].layers.map((_, layer) =>
    keptWeights(() => {
      const each = objects.map(({ layers: own }) => pooled(own[layer]));
      return {
        masks: tf.concat2d(
          each.map(({ masks }) => masks),
          0,
        ),
        means: unitFeatures(
          tf.concat2d(
            each.map(({ means }) => means),
            0,
          ),
        ),
      };
    }),
  );
  return {
    similarities: (maps) => {
      const total = tf.tidy(() =>
        tf.mean(
          tf.stack(
            layers.map(({ masks, means }, layer) => {
              const [area, width] = [masks.shape[1] as number, means.shape[1] as number];
              const channels = maps[layer].length / area;
              const units = tf.pad(unitFeatures(tf.tensor2d(maps[layer], [area, channels])), [
                [0, 0],
                [0, width - channels],
              ]);
              const seen = unitFeatures(tf.matMul(masks as Tensor2D, units) as Tensor2D);
              return tf.sum(tf.mul(seen, means), 1);
            }),
          ),
          0,
        ),
      );
      const numbers = total.dataSync() as Float32Array;
      total.dispose();
      return numbers;
    },
    dispose: () => tf.dispose(layers),
  };
}
