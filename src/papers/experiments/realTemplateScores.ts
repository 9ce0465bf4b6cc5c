/**
 * @file Scores of template matching on the two halves of a data set's pictures: those at odd places choose, those at even
 * places are reported.
 */
import { lookAtDirection } from "../../geometry/viewpoint";
import { type ViewMatch, viewErrorDeg } from "../../metrics/acc15";
import { bootstrapInterval } from "../../metrics/bootstrapInterval";
import { Rng } from "../../random";
import { byVisibility } from "../templates/evaluateTemplates";
import { type ObjectTemplates, templateRotations } from "../templates/templateStore";
import { percent } from "./percent";

/** Percent: mean over the objects of Acc15 with class, on each half of the pictures and on all. */
export type HalfScores = {
  odd: number;
  even: number;
  all: number;
  /** 95 % of bootstrap resamples of all pictures. */
  interval: number[];
  /** Of `even` the same. */
  evenInterval: number[];
};

/** A query's features and truth. */
export interface RealQuery {
  object: number;
  /** Place of its picture among those on disk. */
  place: number;
  visibleShare: number;
  truth: Pick<ViewMatch, "direction" | "symmetric">;
  maps: Float32Array[];
}

/** A query with what was found for it. */
export interface Found {
  query: RealQuery;
  /** The query's. */
  place: number;
  /** Object and view within 15°. */
  right: boolean;
}

/** Acc15 with class of each object, a share; as `acc15`, thousands of times a second for the bootstrap. */
function objectShares(found: readonly Found[]): Map<number, number> {
  const counts = new Map<number, [right: number, all: number]>();
  for (const { query, right } of found) {
    const own = counts.get(query.object) ?? [0, 0];
    counts.set(query.object, [own[0] + Number(right), own[1] + 1]);
  }
  return new Map([...counts].map(([object, [right, all]]) => [object, right / all]));
}

/** The mean over the objects. */
export function objectMean(found: readonly Found[]): number {
  const shares = [...objectShares(found).values()];
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/** Acc15 with class, percent: the mean over the objects, and each by its number. */
export type ObjectScores = { mean: number; byObject: Record<string, number> };

export const objectScores = (found: readonly Found[]): ObjectScores => ({
  mean: percent(objectMean(found)),
  byObject: Object.fromEntries([...objectShares(found)].map(([object, share]) => [String(object), percent(share)])),
});

const byPlace = <T extends { place: number }>(found: readonly T[]): T[][] => {
  const groups = new Map<number, T[]>();
  for (const one of found) groups.set(one.place, [...(groups.get(one.place) ?? []), one]);
  return [...groups.values()];
};

/** In percent, over resamples of the pictures. */
export const interval = <T extends { place: number }>(found: readonly T[], score: (members: T[]) => number): number[] =>
  bootstrapInterval(byPlace(found), score, { rng: new Rng(0).split("bootstrap") }).map(percent);

/** Scores on both halves of the pictures. */
export function halfScores(found: readonly Found[]): HalfScores {
  const [even, odd] = [0, 1].map((parity) => found.filter(({ place }) => place % 2 === parity));
  return {
    odd: percent(objectMean(odd)),
    even: percent(objectMean(even)),
    all: percent(objectMean(found)),
    interval: interval(found, objectMean),
    evenInterval: interval(even, objectMean),
  };
}

/** Percent of the queries in a band of the visible share whose object and view are found. */
export type BandScore = { from: number; to: number; queries: number; right: number };

/** Each band of the visible share that has queries. */
export const bandScores = (found: readonly Found[]): BandScore[] =>
  byVisibility(
    found.map(({ query: { visibleShare }, right }) => ({ visibleShare, right })),
    (members) => ({
      queries: members.length,
      right: percent(members.filter(({ right }) => right).length / members.length),
    }),
  );

const directions = templateRotations({}).map(lookAtDirection);

/** The best template of a query by its similarities. */
export function foundBy(query: RealQuery, similarities: ArrayLike<number>, objects: readonly ObjectTemplates[]): Found {
  let best = 0;
  for (let t = 1; t < similarities.length; t++) if (similarities[t] > similarities[best]) best = t;
  const match: ViewMatch = {
    object: query.object,
    ...query.truth,
    foundObject: objects[Math.floor(best / directions.length)].objectId,
    foundDirection: directions[best % directions.length],
  };
  return { query, place: query.place, right: match.foundObject === match.object && viewErrorDeg(match) <= 15 };
}

/** The mean of similarities by several layers. */
export const meanOf = (layers: readonly Float32Array[]): Float32Array =>
  layers[0].map((_, t) => layers.reduce((sum, layer) => sum + layer[t], 0) / layers.length);
