import { describe, expect, it } from "vitest";
import { type AggregationKind, aggregationParameters, stableDiffusionChannels } from "../../src/models/aggregation";
import {
  reportedLinemod,
  reportedOccluded,
  reportedParameters,
  reportedTless,
} from "../../src/papers/reportedTemplates";

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length;

describe("paper C's numbers", () => {
  it("are whole", () => {
    for (const table of [reportedLinemod, reportedOccluded]) {
      expect(table).toHaveLength(11);
      for (const { splits, average } of table)
        for (const { seen, unseen } of [...splits, average]) {
          expect(seen).toBeGreaterThan(0);
          expect(unseen).toBeLessThanOrEqual(100);
        }
    }
    expect(reportedTless).toHaveLength(5);
  });

  it("are read in the right columns: the printed average of seen objects is near the splits' mean", () => {
    for (const { splits, average } of [...reportedLinemod, ...reportedOccluded])
      expect(Math.abs(mean(splits.map(({ seen }) => seen)) - average.seen)).toBeLessThan(4);
  });

  it("of T-LESS: the average weighs 18 objects against 12", () => {
    for (const { recall } of reportedTless)
      expect(Math.abs((18 * recall.seen + 12 * recall.unseen) / 30 - recall.average)).toBeLessThan(0.02);
  });

  it("of parameters are those of the networks here", () => {
    for (const kind of ["va", "na", "cwa"] as AggregationKind[]) {
      const specs = aggregationParameters({ kind, channels: stableDiffusionChannels, width: 16 });
      const count = specs.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
      const printed = reportedParameters.find(({ method }) => method === kind.toUpperCase())?.millions ?? 0;
      expect(Math.abs(count / 1e6 - printed)).toBeLessThan(0.006);
    }
  });
});
