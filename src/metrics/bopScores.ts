/**
 * @file The scores of the BOP challenges: average recall of localization (2019) and mAP of detection (2024).
 */
import { assertInput } from "../check";
import { interpolatedAveragePrecision, orderByScore } from "./averagePrecision";
import { greedyMatch, preferencesOf } from "./greedyMatch";

/** Errors of an estimate against one true instance of its object. */
export interface BopError {
  /** MSSD in diameters. */
  mssd: number;
  /** MSPD in pixels of an image of 640 pixels width. */
  mspd: number;
  /** VSD for τ = 0.05, 0.1, …, 0.5 diameters; undefined where it was not computed. */
  vsd?: readonly number[];
  /** VSD for τ = 20 mm (SIXD'17, T-LESS). */
  vsd20mm?: number;
}

/** One object in one image. */
export interface ObjectErrors {
  objectId: number;
  /** How many instances the targets ask for (inst_count). */
  asked: number;
  /** Visible share of each true instance; empty where the object is not in the image. */
  visibleShares: readonly number[];
  /** `errors[t]` is against true instance t. Of those that no score looks at there need be none. */
  estimates: readonly { score: number; errors: readonly BopError[] }[];
  /** How many of the estimates, from the surest on, are among the image's `mostDetections`; undefined: all. */
  detections?: number;
  /** How many estimates were given, those that no score looks at included; undefined: `estimates` has all. */
  given?: number;
}

/** Detection (BOP'24) looks at so many of an image's estimates, the surest; localization (BOP'19) at all. */
export const mostDetections = 100;

const steps = (step: number): number[] => Array.from({ length: 10 }, (_, i) => step + i * step);

/** τ of VSD in diameters, and the thresholds θ of VSD and MSSD: 0.05, 0.1, …, 0.5. */
export const bopShares: readonly number[] = steps(0.05);
/** Thresholds of MSPD: 5, 10, …, 50 pixels. */
export const bopPixels: readonly number[] = steps(5);

/** The estimates by descending score, and of each its errors. */
function byScore({ estimates }: ObjectErrors): ObjectErrors["estimates"][number][] {
  return Array.from(orderByScore(estimates.map(({ score }) => score)), (i) => estimates[i]);
}

/** A threshold on an error. */
interface Criterion {
  error: (error: BopError) => number;
  accepts: (value: number) => boolean;
}

const below = (error: Criterion["error"], threshold: number): Criterion => ({
  error,
  accepts: (value) => value < threshold,
});

/** For each estimate, best score first, the instance among those allowed that it takes by least error, or −1. */
function matchesOf(
  estimates: ObjectErrors["estimates"],
  allowed: readonly boolean[],
  { error, accepts }: Criterion,
): Int32Array {
  const cost = estimates.flatMap(({ errors }) => errors.map(error));
  const preferences = preferencesOf(cost, estimates.length, allowed.length);
  return greedyMatch(preferences, (pair) => allowed[pair % allowed.length] && accepts(cost[pair]));
}

/** Found and asked for, by object. */
type Recalls = Map<number, { found: number; targets: number }>;

/** Which instances count, and how many estimates may find them. */
type Asked = (group: ObjectErrors) => { allowed: boolean[]; estimates: number };

/** The k true instances that are seen best and the k surest estimates, k being what the targets ask for. */
const mostVisible: Asked = ({ visibleShares, asked }) => {
  const chosen = new Set(orderByScore(visibleShares).slice(0, asked));
  return { allowed: visibleShares.map((_, t) => chosen.has(t)), estimates: asked };
};

function recallsOf(groups: readonly ObjectErrors[], askedOf: Asked, criterion: Criterion): Recalls {
  const recalls: Recalls = new Map();
  for (const group of groups) {
    const { allowed, estimates } = askedOf(group);
    const targets = allowed.filter(Boolean).length;
    if (targets === 0) continue;
    const best = byScore(group).slice(0, estimates);
    const found = matchesOf(best, allowed, criterion).filter((t) => t >= 0).length;
    const sum = recalls.get(group.objectId) ?? { found: 0, targets: 0 };
    recalls.set(group.objectId, { found: sum.found + found, targets: sum.targets + targets });
  }
  return recalls;
}

/** Recall of one object or of all. */
export interface Recall {
  /** In [0, 1]. */
  recall: number;
  /** True instances that count. */
  targets: number;
}

/** Of all targets together, and by object. */
export interface ObjectRecalls {
  all: Recall;
  byObject: Map<number, Recall>;
}

/** The mean over criteria of the recalls; the targets are the same for all. */
function meanRecalls(where: string, each: readonly Recalls[]): ObjectRecalls {
  const [first] = each;
  assertInput(first.size > 0, `${where}: no target has a true instance; give the targets of this split`);
  const mean = (of: (recalls: Recalls) => number): number =>
    each.reduce((sum, recalls) => sum + of(recalls), 0) / each.length;
  const targetsOf = (id: number): number => first.get(id)?.targets ?? 0;
  const total = [...first.values()].reduce((sum, { targets }) => sum + targets, 0);
  const ids = [...first.keys()].sort((a, b) => a - b);
  return {
    all: {
      recall: mean((recalls) => [...recalls.values()].reduce((sum, { found }) => sum + found, 0) / total),
      targets: total,
    },
    byObject: new Map(
      ids.map((id) => [
        id,
        { recall: mean((recalls) => (recalls.get(id)?.found ?? 0) / targetsOf(id)), targets: targetsOf(id) },
      ]),
    ),
  };
}

/** The average recalls of BOP'19; AR of the challenge is the mean of the three. */
export interface BopAverageRecalls {
  /** Undefined where VSD was not computed. */
  vsd?: ObjectRecalls;
  mssd: ObjectRecalls;
  mspd: ObjectRecalls;
}

/**
 * AR_VSD, AR_MSSD and AR_MSPD (BOP Challenge 2019, eval_bop19_pose.py): of each image and object the k most visible instances
 * count (k as the targets ask for) and the k surest estimates; matched greedily, each estimate takes the free instance of
 * least error if that is below θ (strictly). Recall is over all targets together, then the mean over θ (and τ).
 *
 * @throws InputError if no target has a true instance
 */
export function bopAverageRecalls(groups: readonly ObjectErrors[]): BopAverageRecalls {
  const over = (thresholds: readonly number[], error: Criterion["error"]): Recalls[] =>
    thresholds.map((threshold) => recallsOf(groups, mostVisible, below(error, threshold)));
  const judged = groups.flatMap((group) => byScore(group).slice(0, group.asked)).flatMap(({ errors }) => errors);
  const withVsd = judged.every(({ vsd }) => vsd !== undefined);
  return {
    mssd: meanRecalls(
      "bopAverageRecalls",
      over(bopShares, ({ mssd }) => mssd),
    ),
    mspd: meanRecalls(
      "bopAverageRecalls",
      over(bopPixels, ({ mspd }) => mspd),
    ),
    ...(withVsd && {
      vsd: meanRecalls(
        "bopAverageRecalls",
        bopShares.flatMap((_, tau) => over(bopShares, ({ vsd }) => vsd?.[tau] ?? 1)),
      ),
    }),
  };
}

/**
 * Recall of VSD ≤ 0.3 at δ = 15 mm, τ = 20 mm over the instances of which at least a tenth is seen, as Paper C and those
 * before it report T-LESS.
 *
 * @throws InputError if no such instance is there, or an estimate has no `vsd20mm`
 */
export function vsdRecall(groups: readonly ObjectErrors[], leastVisible: number = 0.1): ObjectRecalls {
  const error = ({ vsd20mm }: BopError): number => {
    assertInput(vsd20mm !== undefined, "vsdRecall: an estimate has no VSD; evaluate with depth images");
    return vsd20mm;
  };
  const seen: Asked = ({ visibleShares }) => {
    const allowed = visibleShares.map((share) => share >= leastVisible);
    return { allowed, estimates: allowed.filter(Boolean).length };
  };
  return meanRecalls("vsdRecall", [recallsOf(groups, seen, { error, accepts: (value) => value <= 0.3 })]);
}

/** Options of `bopMeanPrecision`. */
export interface BopPrecisionOptions {
  /** Less visible instances neither count nor make a false alarm of the estimate that finds them. */
  leastVisible?: number;
  /**
   * Whether estimates of objects that are not in the image are false alarms. The published evaluation computes errors of
   * objects in the image only, so it never sees the others.
   */
  absent?: "counted" | "published";
}

/**
 * mAP of 6-D detection (BOP Challenge 2024, eval_bop24_pose.py): per object and threshold the AP of the estimates
 * among their image's `mostDetections` surest (`interpolatedAveragePrecision`), the mean over thresholds, then over the
 * objects that occur; of MSSD and MSPD.
 *
 * @throws InputError if no object has an instance that is visible enough
 */
export function bopMeanPrecision(
  groups: readonly ObjectErrors[],
  { leastVisible = 0.1, absent = "counted" }: BopPrecisionOptions = {},
): { mssd: number; mspd: number } {
  const ids = [...new Set(groups.map(({ objectId }) => objectId))].sort((a, b) => a - b);
  const apOf = (own: readonly ObjectErrors[], truths: number, criterion: Criterion): number => {
    const [scores, matched]: [number[], number[]] = [[], []];
    for (const group of own) {
      if (absent === "published" && group.visibleShares.length === 0) continue;
      const estimates = byScore(group).slice(0, group.detections);
      matchesOf(
        estimates,
        group.visibleShares.map(() => true),
        criterion,
      ).forEach((t, i) => {
        if (t >= 0 && group.visibleShares[t] < leastVisible) return;
        scores.push(estimates[i].score);
        matched.push(Number(t >= 0));
      });
    }
    return interpolatedAveragePrecision(
      Array.from(orderByScore(scores), (i) => matched[i]),
      truths,
    );
  };
  const over = (thresholds: readonly number[], error: Criterion["error"]): number => {
    const perObject = ids.flatMap((id) => {
      const own = groups.filter(({ objectId }) => objectId === id);
      const truths = own.reduce(
        (sum, { visibleShares }) => sum + visibleShares.filter((s) => s >= leastVisible).length,
        0,
      );
      if (truths === 0) return [];
      return [
        thresholds.reduce((sum, threshold) => sum + apOf(own, truths, below(error, threshold)), 0) / thresholds.length,
      ];
    });
    assertInput(
      perObject.length > 0,
      "bopMeanPrecision: no object is visible enough; give the ground truth of this split",
    );
    return perObject.reduce((sum, ap) => sum + ap, 0) / perObject.length;
  };
  return { mssd: over(bopShares, ({ mssd }) => mssd), mspd: over(bopPixels, ({ mspd }) => mspd) };
}
