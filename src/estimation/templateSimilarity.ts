/**
 * @file How alike two feature maps are where a template is: paper C's measure, in plain numbers. `models/templateIndex`
 * has the same for thousands of templates.
 */
import { assertInput, assertShape } from "../check";

const defaults = { threshold: 0.2, epsilon: 1e-6 } satisfies TemplateSimilarityOptions;

export interface TemplateSimilarityOptions {
  /** Cosines up to this count as 0; −1 for none, as in training. */
  threshold?: number;
  /** Norms are at least this (PyTorch's `cosine_similarity`); template-pose has 1e-8. */
  epsilon?: number;
}

/**
 * Mean over the cells of a template's mask of the cosine between the two features there; cosines ≤ threshold count as 0
 * but stay in the mean (template-pose; paper C, section 4.1.2): what hides a part of the object lowers the similarity of
 * every template alike, and not at random.
 *
 * @param query cells × channels
 * @param template cells × channels
 * @param mask cells; the template is where it is not 0
 * @returns 0 for an empty mask
 * @throws InputError if the sizes differ
 */
export function templateSimilarity(
  query: ArrayLike<number>,
  template: ArrayLike<number>,
  mask: ArrayLike<number>,
  options: TemplateSimilarityOptions = {},
): number {
  const { threshold, epsilon } = { ...defaults, ...options };
  const cells = mask.length;
  assertInput(
    cells > 0 && query.length % cells === 0,
    `templateSimilarity: ${query.length} numbers are no feature map of ${cells} cells; give cells × channels`,
  );
  assertShape("templateSimilarity template", template, [query.length]);
  const channels = query.length / cells;
  let sum = 0;
  let count = 0;
  for (let cell = 0; cell < cells; cell++) {
    if (!mask[cell]) continue;
    count++;
    let [product, a, b] = [0, 0, 0];
    for (let i = cell * channels; i < (cell + 1) * channels; i++) {
      product += query[i] * template[i];
      a += query[i] * query[i];
      b += template[i] * template[i];
    }
    const cosine = product / (Math.max(Math.sqrt(a), epsilon) * Math.max(Math.sqrt(b), epsilon));
    if (cosine > threshold) sum += cosine;
  }
  return count === 0 ? 0 : sum / count;
}
