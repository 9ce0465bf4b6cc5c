import { describe, expect, test } from "vitest";
import { interpolatedAveragePrecision } from "../../src/metrics/averagePrecision";
import {
  type BopError,
  bopAverageRecalls,
  bopMeanPrecision,
  type ObjectErrors,
  vsdRecall,
} from "../../src/metrics/bopScores";
import { Rng } from "../../src/random";

const error = (mssd: number, mspd: number, vsd?: number): BopError => ({
  mssd,
  mspd,
  ...(vsd !== undefined && { vsd: new Array<number>(10).fill(vsd), vsd20mm: vsd }),
});
const one = (objectId: number, ...errors: BopError[]): ObjectErrors => ({
  objectId,
  asked: 1,
  visibleShares: [1],
  estimates: errors.map((e, i) => ({ score: 1 - 0.1 * i, errors: [e] })),
});

describe("interpolatedAveragePrecision", () => {
  /** The definition, recall by recall. */
  const byDefinition = (matched: number[], truths: number): number => {
    const points = matched.map((_, k) => {
      const found = matched.slice(0, k + 1).reduce((a, b) => a + b, 0);
      return { recall: found / truths, precision: found / (k + 1) };
    });
    const at = (r: number): number =>
      Math.max(0, ...points.filter(({ recall }) => recall >= r).map(({ precision }) => precision));
    return Array.from({ length: 101 }, (_, i) => at(i === 100 ? 1 : i * 0.01)).reduce((a, b) => a + b, 0) / 101;
  };

  test("is the mean over 101 recalls of the best precision from there on", () => {
    expect(interpolatedAveragePrecision([1, 1], 2)).toBe(1);
    expect(interpolatedAveragePrecision([], 3)).toBe(0);
    expect(interpolatedAveragePrecision([0, 0], 3)).toBe(0);
    expect(interpolatedAveragePrecision([1, 0], 2)).toBeCloseTo(51 / 101, 15);
    const rng = new Rng(5);
    for (let i = 0; i < 50; i++) {
      const matched = Array.from({ length: 1 + Math.floor(20 * rng.uniform()) }, () => Number(rng.uniform() < 0.5));
      const truths = matched.reduce((a, b) => a + b, 0) + 1 + Math.floor(5 * rng.uniform());
      expect(interpolatedAveragePrecision(matched, truths)).toBeCloseTo(byDefinition(matched, truths), 13);
    }
  });

  test("needs a truth", () => {
    expect(() => interpolatedAveragePrecision([1], 0)).toThrow(/0 is no number of ground truths/);
  });
});

describe("bopAverageRecalls", () => {
  test("an error inside the k-th threshold is found in the others: the average recall is a staircase", () => {
    const { mssd, mspd, vsd } = bopAverageRecalls([one(1, error(0.22, 12)), one(2, error(0, 0))]);
    expect(mssd.byObject.get(1)).toEqual({ recall: 0.6, targets: 1 });
    expect(mspd.byObject.get(1)?.recall).toBeCloseTo(0.8, 15);
    expect(mssd.all.recall).toBeCloseTo(0.8, 15);
    expect(vsd).toBeUndefined();
  });

  test("a threshold must be undercut", () => {
    expect(bopAverageRecalls([one(1, error(0.5, 50, 0.5))])).toMatchObject({
      mssd: { all: { recall: 0 } },
      mspd: { all: { recall: 0 } },
      vsd: { all: { recall: 0 } },
    });
  });

  test("only as many estimates as are asked for, the surest; the most visible instances", () => {
    expect(bopAverageRecalls([one(1, error(9, 99), error(0, 0))]).mssd.all.recall).toBe(0);
    const two: ObjectErrors = {
      objectId: 1,
      asked: 1,
      visibleShares: [0.3, 0.9],
      estimates: [{ score: 1, errors: [error(0, 0), error(9, 99)] }],
    };
    expect(bopAverageRecalls([two]).mssd.all).toEqual({ recall: 0, targets: 1 });
    expect(bopAverageRecalls([{ ...two, asked: 2 }]).mssd.all).toEqual({ recall: 0.5, targets: 2 });
  });

  test("each instance is found once", () => {
    const twice: ObjectErrors = {
      objectId: 1,
      asked: 2,
      visibleShares: [1, 1],
      estimates: [
        { score: 0.9, errors: [error(0.01, 1), error(0.3, 30)] },
        { score: 0.8, errors: [error(0.01, 1), error(0.3, 30)] },
      ],
    };
    // the second estimate has to take the second instance, which it finds at four of ten thresholds
    expect(bopAverageRecalls([twice]).mssd.all.recall).toBeCloseTo((1 + 0.4) / 2, 15);
  });

  test("no target, no figure", () => {
    expect(() => bopAverageRecalls([])).toThrow(/no target has a true instance/);
  });
});

describe("vsdRecall", () => {
  test("at most 0.3, of instances of which a tenth is seen", () => {
    const hidden = { ...one(1, error(0, 0, 1)), visibleShares: [0.05] };
    expect(vsdRecall([one(1, error(0, 0, 0.3)), one(2, error(0, 0, 0.31)), hidden]).all).toEqual({
      recall: 0.5,
      targets: 2,
    });
    expect(() => vsdRecall([one(1, error(0, 0))])).toThrow(/an estimate has no VSD/);
  });
});

describe("bopMeanPrecision", () => {
  const found = one(1, error(0, 0));

  test("is 1 where all is found and nothing else said", () => {
    expect(bopMeanPrecision([found, one(2, error(0, 0))])).toEqual({ mssd: 1, mspd: 1 });
  });

  test("an object that is not in the image is a false alarm; the published evaluation does not see it", () => {
    const absent: ObjectErrors = { objectId: 1, asked: 0, visibleShares: [], estimates: [{ score: 2, errors: [] }] };
    expect(bopMeanPrecision([found, absent]).mssd).toBeCloseTo(0.5, 12);
    expect(bopMeanPrecision([found, absent], { absent: "published" }).mssd).toBe(1);
  });

  test("who finds an instance that is hardly seen is left out", () => {
    const hidden: ObjectErrors = {
      ...one(1, error(0, 0)),
      visibleShares: [0.05],
      estimates: [{ score: 2, errors: [error(0, 0)] }],
    };
    expect(bopMeanPrecision([found, hidden]).mssd).toBe(1);
    expect(() => bopMeanPrecision([hidden])).toThrow(/visible enough/);
  });
});
