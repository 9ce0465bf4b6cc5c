/**
 * @file Template matching on a BOP data set by paper C's protocol: crops by the true pose, views and classes of the most
 * similar templates.
 */
import { assertInput } from "../../check";
import { type BopDataset, bopFiles, bopImageId, readBopFrame, visibleShareOf } from "../../datasets/bop";
import { bopImages } from "../../datasets/bopSamples";
import type { BopImage } from "../../datasets/bopScene";
import type { BopTarget } from "../../datasets/bopTargets";
import { type MetricSquareOptions, metricSquare, warpSquare } from "../../datasets/templateCrop";
import type { ModelSymmetries } from "../../geometry/modelSymmetries";
import { nearestRotation } from "../../geometry/nearestRotation";
import type { Matrix3, Vector3 } from "../../geometry/vector";
import { viewDirection } from "../../geometry/viewpoint";
import { acc15, type ViewMatch, type ViewScore, viewErrorDeg } from "../../metrics/acc15";
import { inShard, type Shard, wholeShard } from "../benchmarks/shard";
import type { Descriptor } from "./descriptor";
import type { TemplateMatch, TemplateMatcher } from "./templateMatcher";
import type { SeenObject } from "./templatePoses";
import type { TemplateSettings } from "./templateStore";

/** An object in an image, and what was found for it. */
export interface TemplateQuery {
  id: string;
  /** The image it was seen in, and that image's place among those asked for. */
  image: string;
  at: number;
  objectId: number;
  /** Share of the silhouette that is seen; undefined where the data set does not say. */
  visibleShare?: number;
  /** From the object to the camera. */
  direction: Vector3;
  symmetric: boolean;
  /** Where it was seen. */
  seen?: SeenObject;
  /** Best first. */
  matches: TemplateMatch[];
}

/** What the score of a query is made of. */
export interface ScoredQuery extends Pick<TemplateQuery, "objectId" | "visibleShare" | "direction" | "symmetric"> {
  /** Best first. */
  matches: readonly Pick<TemplateMatch, "objectId" | "direction">[];
}

/** Whether turning a model by 180° about z maps it to itself: among its symmetries, or an axis along z. */
export function halfTurnSymmetric({ discrete, continuous }: ModelSymmetries): boolean {
  const turns = (r: Matrix3): boolean => r[0] < -0.9 && r[4] < -0.9 && r[8] > 0.9;
  return discrete.some(({ rotation }) => turns(rotation)) || continuous.some(({ axis }) => Math.abs(axis[2]) > 0.9);
}

/** The images at even and at odd places: the odd ones choose settings, the even ones are reported. */
export const imageHalves = ["even", "odd"] as const;

/** Which queries. */
export interface TemplateQueriesOptions {
  targets?: readonly BopTarget[];
  /** Least visible share; paper C's data 0.1. */
  leastVisible?: number;
  /** At most so many images, spread evenly. */
  images?: number;
  /** Every second image of those with colours. */
  half?: (typeof imageHalves)[number];
  objectIds?: readonly number[];
  /** Every n-th of these images; default: all. */
  shard?: Shard;
  top?: number;
  threshold?: number;
  layerWeights?: readonly number[];
  /** Told of each image without colours, which is then passed over; without it that is an error. */
  onMissing?: (imageId: string) => void;
}

/** The images asked for, those without colours told of and left out. */
function imagesOf(
  dataset: BopDataset,
  { targets, images, half, shard = wholeShard, onMissing }: TemplateQueriesOptions,
): BopImage[] {
  const there = [...bopImages(dataset, targets ? { targets } : {})].filter((image, place) => {
    const exists = bopFiles(dataset, image).rgb !== undefined;
    if (!exists && inShard(shard, place)) onMissing?.(bopImageId(dataset, image));
    assertInput(
      exists || onMissing,
      `${dataset.root}: ${bopImageId(dataset, image)} has no rgb/ file; download that part of the data set, or leave the image out of --targets`,
    );
    return exists;
  });
  const all = half ? there.filter((_, place) => place % 2 === imageHalves.indexOf(half)) : there;
  if (images === undefined || images >= all.length) return all;
  return Array.from({ length: images }, (_, i) => all[Math.floor((i * all.length) / images)]);
}

/** An object's crop in an image, and what it is. */
export interface TemplateCrop extends Omit<TemplateQuery, "matches"> {
  /** size × size × 3. */
  rgb: Uint8Array;
}

/**
 * Crops of the objects of a data set by their true poses, the object's axis upwards (paper C, section 4.1.3) or as `up`
 * says.
 *
 * @throws InputError for an image without colours, or an object without model
 */
export async function* templateCrops(
  dataset: BopDataset,
  size: number,
  settings: Pick<TemplateSettings, "side"> & Pick<MetricSquareOptions, "up">,
  options: TemplateQueriesOptions = {},
): AsyncGenerator<TemplateCrop> {
  const { targets, leastVisible = 0.1, objectIds, shard = wholeShard } = options;
  for (const [at, image] of imagesOf(dataset, options).entries()) {
    if (!inShard(shard, at)) continue;
    const name = bopImageId(dataset, image);
    const wanted = image.instances.filter(
      (instance) =>
        (!objectIds || objectIds.includes(instance.objectId)) &&
        (!targets ||
          targets.some(
            (target) =>
              target.sceneId === image.sceneId &&
              target.imageId === image.imageId &&
              (target.objectId === undefined || target.objectId === instance.objectId),
          )) &&
        (leastVisible === 0 || visibleShareOf(dataset, image, instance, "leastVisible") >= leastVisible),
    );
    if (wanted.length === 0) continue;
    const { rgb, camera } = await readBopFrame(dataset, image);
    assertInput(rgb, `${dataset.root}: ${name} has no colours; template matching needs rgb/`);
    for (const { objectId, index, pose, visibleShare } of wanted) {
      const id = `${name}#${index}`;
      const model = dataset.models.get(objectId);
      assertInput(model, `${dataset.root}: ${id} is of object ${objectId}, which models_info.json does not have`);
      const upright = { ...pose, rotation: nearestRotation(pose.rotation) };
      yield {
        id,
        image: name,
        at,
        objectId,
        ...(visibleShare !== undefined && { visibleShare }),
        direction: viewDirection(upright),
        symmetric: halfTurnSymmetric(model.symmetries),
        seen: { image, camera, pose: upright },
        rgb: warpSquare(rgb, 3, camera, metricSquare(upright, camera, { side: 0.2, ...settings }), size),
      };
    }
  }
}

const batchSize = 8;

/** Describe the crops in batches and match each. */
export async function* templateQueries(
  crops: AsyncIterable<TemplateCrop>,
  descriptor: Descriptor,
  matcher: TemplateMatcher,
  { top = 1, threshold, layerWeights }: TemplateQueriesOptions = {},
): AsyncGenerator<TemplateQuery> {
  const { inputSize: size } = descriptor;
  let waiting: TemplateCrop[] = [];
  async function* flush(): AsyncGenerator<TemplateQuery> {
    const pictures = new Uint8Array(waiting.length * size * size * 3);
    waiting.forEach(({ rgb }, i) => {
      pictures.set(rgb, i * rgb.length);
    });
    const maps = await descriptor.describe(pictures, waiting.length);
    for (const [i, { rgb: _, ...query }] of waiting.entries()) {
      const own = maps.map((map) =>
        map.subarray((i * map.length) / waiting.length, ((i + 1) * map.length) / waiting.length),
      );
      yield {
        ...query,
        matches: matcher.match(own, {
          top,
          ...(threshold !== undefined && { threshold }),
          ...(layerWeights && { layerWeights }),
        }),
      };
    }
    waiting = [];
  }
  for await (const crop of crops) {
    waiting.push(crop);
    if (waiting.length === batchSize) yield* flush();
  }
  if (waiting.length > 0) yield* flush();
}

/** Bands of the visible share. */
const bands: readonly (readonly [number, number])[] = [
  [0.1, 0.3],
  [0.3, 0.6],
  [0.6, 0.9],
  [0.9, 1.01],
];

/** A score for each band of the visible share that has queries. */
export const byVisibility = <T extends Pick<TemplateQuery, "visibleShare">, S>(
  queries: readonly T[],
  score: (members: readonly T[]) => S,
): ({ from: number; to: number } & S)[] =>
  bands.flatMap(([from, to]) => {
    const members = queries.filter(({ visibleShare: share }) => share !== undefined && share >= from && share < to);
    return members.length === 0 ? [] : [{ from, to: Math.min(1, to), ...score(members) }];
  });

/** Scores of template matching, shares. */
export interface TemplateScores {
  /** Of all queries together, and of each object. */
  all: ViewScore;
  byObject: Readonly<Record<number, ViewScore>>;
  /** Mean over the objects of Acc15 with class: the paper's tables. */
  objectMean: number;
  /** The same with symmetric objects counted as published. */
  objectMeanPublished: number;
  byVisibility: readonly (ViewScore & { from: number; to: number })[];
  /** Share of queries for which the best of the top matches is right, and how many those are. */
  topRight: number;
  top: number;
}

/** Score what was found. @throws InputError for no queries */
export function scoreTemplates(queries: readonly ScoredQuery[]): TemplateScores {
  const matchOf = (query: ScoredQuery, { objectId, direction }: ScoredQuery["matches"][number]): ViewMatch => ({
    object: query.objectId,
    direction: query.direction,
    foundObject: objectId,
    foundDirection: direction,
    symmetric: query.symmetric,
  });
  const firstOf = (query: ScoredQuery): ViewMatch => matchOf(query, query.matches[0]);
  const first = queries.map(firstOf);
  const score = acc15(first);
  const mean = ({ byObject }: ReturnType<typeof acc15>): number => {
    const each = Object.values(byObject);
    return each.reduce((sum, { viewAndClass }) => sum + viewAndClass, 0) / each.length;
  };
  const { byObject, ...all } = score;
  const right = queries.filter((query) =>
    query.matches.some((match) => match.objectId === query.objectId && viewErrorDeg(matchOf(query, match)) <= 15),
  );
  return {
    all,
    byObject,
    objectMean: mean(score),
    objectMeanPublished: mean(acc15(first, { symmetric: "published" })),
    byVisibility: byVisibility(queries, (members) => {
      const { byObject: _, ...band } = acc15(members.map(firstOf));
      return band;
    }),
    topRight: right.length / queries.length,
    top: Math.max(...queries.map(({ matches }) => matches.length)),
  };
}
