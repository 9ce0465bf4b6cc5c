import { describe, expect, test } from "vitest";
import { objectCloud } from "../../src/datasets/objectCloud";
import { widestDrift } from "../../src/datasets/procedural/motion";
import { proceduralSequence } from "../../src/datasets/procedural/proceduralSequence";
import { backProject, project } from "../../src/geometry/camera";
import { invert, transformPoint } from "../../src/geometry/pose";
import { categories } from "../../src/geometry/symmetry";
import { norm } from "../../src/geometry/vector";
import { poseError } from "../../src/metrics/poseError";

const indices = [0, 1, 2, 3, 4, 5];

describe("proceduralSequence", () => {
  test("frame i of sequence s is the same, in whatever order and however often it is asked for", () => {
    const [a, b] = [proceduralSequence("test", 2), proceduralSequence("test", 2)];
    const late = a.frame(7);
    a.frame(3);
    expect(b.frame(7)).toEqual(late);
    expect(b.frame(7)).toEqual(late);
    expect(late.id).toBe("sequence/test/2/7");
    expect(proceduralSequence("test", 2, { seed: 1 }).frame(7).pose).not.toEqual(late.pose);
    expect(proceduralSequence("walkthrough", 2).frame(7).pose).not.toEqual(late.pose);
    expect(proceduralSequence("test", 8).frame(7).pose).not.toEqual(late.pose);
  });

  test.each(indices)("sequence %i moves smoothly: camera and object, at most a few degrees a frame", (s) => {
    const { frame, category, motion } = proceduralSequence("test", s);
    expect(category).toBe(categories[s]);
    const poses = Array.from({ length: 61 }, (_, i) => frame(i).pose);
    const steps = poses.slice(1).map((pose, i) => poseError(pose, poses[i]));
    const mean = steps.reduce((sum, e) => sum + e.errorDeg, 0) / steps.length;
    expect(mean).toBeGreaterThan(0.1);
    expect(Math.max(...steps.map((e) => e.errorDeg))).toBeLessThan(4);
    expect(Math.max(...steps.map((e) => e.errorCm))).toBeLessThan(2.5);
    // No jerk: a step differs from the next by a fraction of a degree.
    const jerks = steps.slice(1).map((e, i) => Math.abs(e.errorDeg - steps[i].errorDeg));
    expect(Math.max(...jerks)).toBeLessThan(0.3);
    const [camera, object] = [motion.camera(2), motion.object(2)];
    expect(poseError(camera, motion.camera(0)).errorDeg).toBeGreaterThan(0.5);
    expect(poseError(object, motion.object(0)).errorDeg).toBeGreaterThan(0.5);
    expect(Math.hypot(object.translation[0], object.translation[2])).toBeLessThan(widestDrift);
  });

  test.each(indices)("sequence %i: the masked depth lies on the object of the pose, in metres", (s) => {
    const sample = proceduralSequence("test", s).frame(40);
    const toObject = invert(sample.pose);
    const cloud = objectCloud(sample);
    expect(cloud.length / 3).toBeGreaterThan(100);
    let inside = 0;
    for (let i = 0; i < cloud.length; i += 3) {
      const p = transformPoint(toObject, [cloud[i], cloud[i + 1], cloud[i + 2]]);
      if (p.every((v, k) => Math.abs(v) < sample.size[k] / 2 + 0.02)) inside++;
    }
    expect(inside / (cloud.length / 3)).toBeGreaterThan(0.8);
  });

  test("at three times the speed, frame i is where frame 3i is, under noise of its own", () => {
    const [slow, fast] = [proceduralSequence("test", 1), proceduralSequence("test", 1, { speed: 3 })];
    const { errorDeg, errorCm } = poseError(fast.frame(5).pose, slow.frame(15).pose);
    expect(errorDeg).toBeLessThan(1e-9);
    expect(errorCm).toBeLessThan(1e-9);
    expect(fast.frame(5).depth).not.toEqual(slow.frame(15).depth);
  });

  test("a still window holds the object in all its frames, with the same pose, and every map if asked", () => {
    const sequence = proceduralSequence("test", 5, { still: 60, maps: true, resolution: 160 });
    const whole = sequence.frame(10);
    const crop = proceduralSequence("test", 5).frame(10);
    const { width, height } = whole.camera;
    expect(Math.max(width, height)).toBe(160);
    expect(whole.pose).toEqual(crop.pose);
    expect(whole.rgb).toHaveLength(3 * width * height);
    for (const i of [0, 20, 40, 59]) {
      const { camera, pose } = sequence.frame(i);
      expect(camera).toEqual(whole.camera);
      const [u, v] = project(camera, pose.translation);
      expect(u > 0 && u < width && v > 0 && v < height).toBe(true);
    }
    expect(whole.depth.filter((z) => z > 0).length).toBeGreaterThan(crop.depth.filter((z) => z > 0).length / 20);
    const centre = (sample: typeof crop): number[] => {
      const points: number[][] = [];
      sample.mask.forEach((m, i) => {
        const z = sample.depth[i];
        const { width } = sample.camera;
        if (m && z > 0) points.push([...backProject(sample.camera, i % width, Math.floor(i / width), z)]);
      });
      return [0, 1, 2].map((k) => points.reduce((sum, p) => sum + p[k], 0) / points.length);
    };
    expect(norm(centre(whole).map((v, i) => v - centre(crop)[i]) as [number, number, number])).toBeLessThan(0.03);
  });

  test("something that passes hides the object half way, not before and not after", () => {
    const { frame } = proceduralSequence("test", 3, { passing: { from: 0.2, to: 0.8 } });
    const pixels = (i: number): number => frame(i).mask.reduce((sum, m) => sum + m, 0);
    expect(pixels(15)).toBe(0);
    expect(pixels(2)).toBeGreaterThan(300);
    expect(pixels(28)).toBeGreaterThan(300);
  });

  test("says what is wrong with what it is asked for", () => {
    expect(() => proceduralSequence("test", -1)).toThrow(/index is -1; it must be a whole number/);
    expect(() => proceduralSequence("test", 0, { speed: 0 })).toThrow(/speed is 0; give a positive factor/);
    expect(() => proceduralSequence("test", 0, { framesPerSecond: Number.NaN })).toThrow(/framesPerSecond is NaN/);
    expect(() => proceduralSequence("test", 0, { resolution: 3 })).toThrow(/resolution is 3; give at least 24/);
    expect(() => proceduralSequence("test", 0, { still: 0 })).toThrow(/still is 0; give the number of frames/);
    expect(() => proceduralSequence("test", 0).frame(1.5)).toThrow(/frame is 1.5; it must be a whole number/);
  });
});
