/**
 * @file Template matching on toys that no training saw: what the experiments of paper C measure.
 */
import { icosphere } from "../../geometry/icosphere";
import { lookAtDirection } from "../../geometry/viewpoint";
import { acc15, type ViewMatch } from "../../metrics/acc15";
import { Rng } from "../../random";
import { pause } from "../pause";
import type { Descriptor } from "../templates/descriptor";
import { pooledMatcher } from "../templates/pooledMatcher";
import { templateMatcher } from "../templates/templateMatcher";
import { type ObjectTemplates, objectTemplates, templateRotations } from "../templates/templateStore";
import { occlude, type Toy, toy, toyPicture } from "../templates/toyView";
import type { PartContext } from "./experiment";
import { percent } from "./percent";

/** How much is measured. */
export interface ToyMatchingAmount {
  objects: number;
  /** Pictures of each, once as they are and once with something before them. */
  pictures: number;
}

/** Some minutes on two cores. */
export const defaultToyMatching: ToyMatchingAmount = { objects: 8, pictures: 24 };

/** Acc15 with class, percent: mean over the objects, and each object. */
export type ToyAccuracy = {
  mean: number;
  byObject: number[];
};

/** Pictures as they are, and with something before the object. */
const conditions = ["clear", "occluded"] as const;
type Condition = (typeof conditions)[number];

/** What was measured. */
export type ToyMatchingScore = Record<Condition, ToyAccuracy> & {
  /** By each layer of the descriptor alone. */
  layers: Record<Condition, ToyAccuracy>[];
  /** With fewer templates: those of the coarser icospheres. */
  views: (Record<Condition, number> & { count: number })[];
  /** By one descriptor of the whole object, the mean of the features within the template's mask, in place of cells. */
  pooled: Record<Condition, number>;
};

const seed = 77;

function accuracyOf(matches: readonly ViewMatch[]): ToyAccuracy {
  const each = Object.values(acc15(matches).byObject).map(({ viewAndClass }) => viewAndClass);
  return { mean: percent(each.reduce((sum, x) => sum + x, 0) / each.length), byObject: each.map(percent) };
}

/** Index of the largest among the first `count` of every `stride` values. */
function argMax(values: ArrayLike<number>, stride: number, count: number): number {
  let best = 0;
  for (let i = 0; i < values.length; i++) if (i % stride < count && values[i] > values[best]) best = i;
  return best;
}

/** Toys that no training saw. */
const unseenToys = (count: number): Toy[] =>
  Array.from({ length: count }, (_, id) => toy(new Rng(seed).split("toy matching").split("toy").split(id)));

/** Match pictures of toys, unless given unseen ones, with templates of all of them. @throws Interrupted if the reader wants to stop */
export async function toyMatching(
  descriptor: Descriptor,
  { objects: objectCount, pictures }: ToyMatchingAmount,
  context: PartContext,
  toys: readonly Toy[] = unseenToys(objectCount),
): Promise<ToyMatchingScore> {
  const rng = new Rng(seed).split("toy matching");
  const size = descriptor.inputSize;
  const objects: ObjectTemplates[] = [];
  for (const [id, { mesh, render }] of toys.entries()) {
    await pause(context);
    context.progress((0.6 * id) / objectCount, `templates of toy ${id + 1} of ${objectCount}`);
    objects.push(await objectTemplates(id, mesh, descriptor, render));
  }
  const matcher = templateMatcher(objects, {});
  const whole = pooledMatcher(objects);
  const rotations = templateRotations({});
  // The upper views of coarser icospheres come first among those of the finer one.
  const coarser = [1, 2].map((level) => icosphere(level).filter(([, , z]) => z > 1e-9).length);
  const viewCounts = [...coarser, rotations.length];
  const none = (): Record<Condition, ViewMatch[]> => ({ clear: [], occluded: [] });
  const [found, pooled] = [none(), none()];
  const layers = descriptor.channels.map(none);
  const views = viewCounts.map(none);
  let before: Uint8Array | undefined;
  for (let i = 0; i < objectCount * pictures; i++) {
    await pause(context);
    const object = i % objectCount;
    const { picture, direction } = toyPicture(toys[object], "toy matching", i, { seed, size });
    const hidden = picture.slice();
    occlude(hidden, before ?? picture, size, rng.split("occluder").split(i));
    before = picture;
    const both = new Uint8Array(2 * picture.length);
    both.set(picture);
    both.set(hidden, picture.length);
    const maps = await descriptor.describe(both, 2);
    const matchOf = (template: number): ViewMatch => {
      const foundDirection = lookAtDirection(rotations[template % rotations.length]);
      const foundObject = Math.floor(template / rotations.length);
      return { object, direction, foundObject, foundDirection, symmetric: false };
    };
    const best = (values: ArrayLike<number>, count = rotations.length): ViewMatch =>
      matchOf(argMax(values, rotations.length, count));
    for (const [half, kind] of conditions.entries()) {
      const own = maps.map((map) => map.subarray((half * map.length) / 2, ((half + 1) * map.length) / 2));
      const each = matcher.similarities(own);
      const total = each[0].map((_, t) => each.reduce((sum, layer) => sum + layer[t], 0));
      found[kind].push(best(total));
      pooled[kind].push(best(whole.similarities(own)));
      each.forEach((similarities, layer) => {
        layers[layer][kind].push(best(similarities));
      });
      viewCounts.forEach((count, k) => {
        views[k][kind].push(best(total, count));
      });
    }
    context.progress(0.6 + (0.4 * i) / (objectCount * pictures), `picture ${i + 1} of ${objectCount * pictures}`);
  }
  whole.dispose();
  const inBoth = <T>(of: (kind: Condition) => T): Record<Condition, T> => ({
    clear: of("clear"),
    occluded: of("occluded"),
  });
  return {
    ...inBoth((kind) => accuracyOf(found[kind])),
    layers: layers.map((own) => inBoth((kind) => accuracyOf(own[kind]))),
    views: views.map((own, k) => ({ count: viewCounts[k], ...inBoth((kind) => accuracyOf(own[kind]).mean) })),
    pooled: inBoth((kind) => accuracyOf(pooled[kind]).mean),
  };
}
