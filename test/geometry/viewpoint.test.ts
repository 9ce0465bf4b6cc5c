import { describe, expect, test } from "vitest";
import { bopViewSphere, fibonacciSphere, icosphere } from "../../src/geometry/icosphere";
import { geodesicDistance, randomRotation } from "../../src/geometry/so3";
import { dot, norm } from "../../src/geometry/vector";
import {
  inPlaneAngleDeg,
  lookAtPose,
  lookAtRotation,
  nearestDirection,
  nearestInPlaneBin,
  templateDirections,
  turnedInPlane,
  viewDirection,
  withoutInPlane,
} from "../../src/geometry/viewpoint";
import { Rng } from "../../src/random";

describe("view spheres", () => {
  test("have 10·4ⁿ + 2 unit points", () => {
    for (let n = 0; n < 4; n++) {
      const points = icosphere(n);
      expect(points.length).toBe(10 * 4 ** n + 2);
      for (const p of points) expect(norm(p)).toBeCloseTo(1, 12);
    }
    expect(() => icosphere(1.5)).toThrow("give a whole number from 0 to 7");
    expect(bopViewSphere(100).length).toBe(162);
    expect(fibonacciSphere(10).length).toBe(11);
  });

  test("the template sets have the paper's sizes", () => {
    const sizes = (["half", "full", "train", "dense"] as const).map((set) => templateDirections(set).length);
    expect(sizes).toEqual([301, 602, 1542, 2562]);
  });
});

describe("views", () => {
  test("a camera that looks from a direction sees the object from there, its axis upright", () => {
    for (const direction of [...templateDirections("full").slice(0, 50), [0, 0, 1], [0, 0, -1]] as const) {
      const pose = lookAtPose(direction as [number, number, number], 0.4);
      const seen = viewDirection(pose);
      expect(dot(seen, direction as [number, number, number])).toBeCloseTo(1, 12);
      // The image of the z axis does not lean to a side and does not point down.
      expect(pose.rotation[2]).toBeCloseTo(0, 12);
      expect(pose.rotation[5]).toBeLessThanOrEqual(1e-12);
    }
  });

  test("a rotation is its view and its turn in the image", () => {
    const rng = new Rng(4);
    const views = templateDirections("full");
    for (let i = 0; i < 50; i++) {
      const rotation = randomRotation(rng);
      const pose = { rotation, translation: [0, 0, 1] as const };
      const bare = withoutInPlane(pose).rotation;
      const angle = inPlaneAngleDeg(bare, rotation);
      expect(geodesicDistance(turnedInPlane(bare, angle), rotation)).toBeLessThan(1e-6);
      const template = lookAtRotation(views[nearestDirection(views, viewDirection(pose))]);
      const found = turnedInPlane(template, inPlaneAngleDeg(template, rotation));
      // Views are at most 5.3° from their nearest neighbour's middle; near the poles the turn absorbs the rest.
      expect((180 / Math.PI) * geodesicDistance(found, rotation)).toBeLessThan(9.1);
    }
  });

  test("bins of 10°, −180 being 180", () => {
    expect([-178, -4, 4, 176, 14].map((a) => nearestInPlaneBin(a))).toEqual([180, 0, 0, 180, 10]);
  });
});
