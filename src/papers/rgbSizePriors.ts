/**
 * @file What the categories of the embedded photos say of an object's size.
 */
import { proceduralShape } from "../datasets/procedural/shape";
import { categories } from "../geometry/symmetry";
import { sizePriors } from "../metrics/scalePrior";
import { Rng } from "../random";

/** Mean sizes of the objects that training photos show. */
export function rgbSizePriors(objects: number): ReturnType<typeof sizePriors> {
  const rng = new Rng(0).split("size priors");
  return sizePriors(
    Array.from({ length: objects }, (_, i) => {
      const category = categories[i % categories.length];
      return { category, size: proceduralShape(category, rng.split(i)).size };
    }),
  );
}
