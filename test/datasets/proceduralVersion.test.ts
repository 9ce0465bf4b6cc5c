import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { objectCloud } from "../../src/datasets/objectCloud";
import { proceduralDataVersion, proceduralSample } from "../../src/datasets/procedural/proceduralSample";

/** What the samples of a version look like, in numbers that rounding on another machine does not move. */
interface Recorded {
  dataVersion: number;
  samples: {
    materials: "random" | "typical";
    index: number;
    translation: number[];
    size: number[];
    points: number;
    meanCoordinate: number;
    meanColour: number;
  }[];
}

const recorded = JSON.parse(
  readFileSync(join(__dirname, "..", "fixtures", "procedural", "samples.json"), "utf8"),
) as Recorded;

const mean = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
};

// Checkpoints and stored results name the version. Whoever changes what is rendered raises it and records anew.
test("the data version names these very samples", () => {
  expect(recorded.dataVersion).toBe(proceduralDataVersion);
  for (const { materials, index, translation, size, points, meanCoordinate, meanColour } of recorded.samples) {
    const sample = proceduralSample("test", index, { materials });
    translation.forEach((value, axis) => {
      expect(sample.pose.translation[axis]).toBeCloseTo(value, 5);
    });
    size.forEach((value, axis) => {
      expect(sample.size[axis]).toBeCloseTo(value, 5);
    });
    const cloud = objectCloud(sample);
    expect(Math.abs(cloud.length / 3 - points)).toBeLessThanOrEqual(2);
    expect(mean(cloud)).toBeCloseTo(meanCoordinate, 3);
    expect(Math.abs(mean(sample.rgb) - meanColour)).toBeLessThan(0.1);
  }
});
