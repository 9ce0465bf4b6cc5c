import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  constantVelocity,
  noisyPose,
  poseNoise,
  sameAsBefore,
  trackingT0,
  warmStart,
} from "../../src/estimation/tracking";
import { compose, type Pose } from "../../src/geometry/pose";
import { rotationFromAxisAngle } from "../../src/geometry/rotation";
import { geodesicDistance, randomRotation } from "../../src/geometry/so3";
import { norm, subtract } from "../../src/geometry/vector";
import { Rng } from "../../src/random";
import { ddim } from "../../src/samplers/ddim";
import { priorNoise } from "../../src/samplers/priorNoise";
import { probabilityFlowOde } from "../../src/samplers/probabilityFlowOde";
import { exponentialScaling, noScaling } from "../../src/samplers/scoreScaling";
import { gaussianMixture } from "../../src/sde/gaussianMixture";
import { vesde } from "../../src/sde/vesde";

const pose: Pose = { rotation: randomRotation(new Rng(1)), translation: [0.1, -0.2, 0.7] };
const degrees = Math.PI / 180;

describe("warmStart", () => {
  test("is the pose seen from this frame's centre, nine numbers for every hypothesis", () => {
    const init = warmStart(pose, [0.1, -0.2, 0.6]);
    const { rotation: r } = pose;
    expect(init).toEqual([r[0], r[3], r[6], r[1], r[4], r[7], 0, 0, expect.closeTo(0.1, 12)]);
    expect(() => warmStart(pose, [0, Number.NaN, 0])).toThrow(/warmStart/);
  });

  test("on a Gaussian, follows it with the factor that the mathematics gives", () => {
    // dx = −σ w s dσ, s = (μ − x)/(s₀² + σ²): for constant w, x(0) − μ = (x(T₀) − μ)·((s₀² + σ_eps²)/(s₀² + σ₀²))^(w/2).
    const deviation = 0.02;
    const { score } = gaussianMixture({ means: [[0.3]], deviation });
    const z = priorNoise(new Rng(3), 1, 1);
    for (const w of [1, 2.5]) {
      const start = -0.2 + vesde.sigma(trackingT0) * z[0];
      const ratio = (deviation ** 2 + vesde.sigma(vesde.eps) ** 2) / (deviation ** 2 + vesde.sigma(trackingT0) ** 2);
      const { x } = probabilityFlowOde(score, z, {
        t0: trackingT0,
        init: [-0.2],
        scaling: () => w,
        denoise: false,
        rtol: 1e-9,
        atol: 1e-9,
      });
      expect(x[0]).toBeCloseTo(0.3 + (start - 0.3) * ratio ** (w / 2), 7);
    }
  });

  test("keeps the mode that it comes from, where sampling from scratch takes either", () => {
    const toy = gaussianMixture({ means: [[-1], [1]], deviation: 0.05 });
    const z = priorNoise(new Rng(4), 200, 1);
    const warm = ddim(toy.score, z, { t0: trackingT0, steps: 60, init: [0.97], scaling: exponentialScaling() }).x;
    expect(Math.min(...warm)).toBeGreaterThan(0.8);
    const scratch = ddim(toy.score, z, { t0: 0.9, steps: 60, scaling: noScaling }).x;
    const left = scratch.filter((x) => x < 0).length;
    expect(left).toBeGreaterThan(60);
    expect(left).toBeLessThan(140);
  });
});

describe("the expected pose", () => {
  test("stays, or goes on as it went", () => {
    const step: Pose = { rotation: rotationFromAxisAngle([0.02, 0.05, -0.01]), translation: [0, 0, 0] };
    const turned = (p: Pose): Pose => ({
      rotation: compose(step, p).rotation,
      translation: [p.translation[0] + 0.01, p.translation[1], p.translation[2] - 0.02],
    });
    const poses = [pose, turned(pose), turned(turned(pose))];
    expect(sameAsBefore(poses)).toEqual(poses[2]);
    const next = constantVelocity(poses);
    const wanted = turned(poses[2]);
    expect(geodesicDistance(next.rotation, wanted.rotation)).toBeLessThan(1e-12);
    expect(norm(subtract(next.translation, wanted.translation))).toBeLessThan(1e-12);
    expect(constantVelocity([pose])).toEqual(pose);
    expect(() => sameAsBefore([])).toThrow(/no frame before this one; start with an estimate from scratch/);
    expect(() => constantVelocity([])).toThrow(/no frame before/);
  });
});

describe("noisyPose", () => {
  test("turns by |z|·5° and shifts by z·3 cm, whatever the pose", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const rng = new Rng(seed);
        const start: Pose = { rotation: randomRotation(rng), translation: [0, 0.1, 0.9] };
        const noise = poseNoise(rng);
        const noisy = noisyPose(start, noise);
        expect(geodesicDistance(noisy.rotation, start.rotation)).toBeCloseTo(Math.abs(noise.angle) * 5 * degrees, 9);
        const shift = subtract(noisy.translation, start.translation);
        expect(norm(shift)).toBeCloseTo(Math.abs(noise.distance) * 0.03, 12);
      }),
    );
  });

  test("depends on the stream alone, and refuses draws that give no axis", () => {
    expect(noisyPose(pose, poseNoise(new Rng(9)))).toEqual(noisyPose(pose, poseNoise(new Rng(9))));
    const still = noisyPose(pose, poseNoise(new Rng(9)), { angle: 0, distance: 0 });
    expect(geodesicDistance(still.rotation, pose.rotation)).toBeLessThan(1e-9);
    const noise = poseNoise(new Rng(9));
    expect(() => noisyPose(pose, { ...noise, direction: [0, 0, 0] })).toThrow(/draw with poseNoise\(rng\)/);
    expect(() => noisyPose(pose, { ...noise, angle: Number.NaN })).toThrow(/noisyPose/);
  });
});
