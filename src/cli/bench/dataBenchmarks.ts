/**
 * @file How fast training data are made.
 */
import { proceduralSample } from "../../datasets/procedural/proceduralSample";
import { proceduralShape } from "../../datasets/procedural/shape";
import { real275Camera } from "../../geometry/camera";
import { rasterize } from "../../geometry/rasterize";
import { categories } from "../../geometry/symmetry";
import { Rng } from "../../random";
import type { Benchmark } from "./benchmark";
import { measure } from "./measure";

export const dataRate: Benchmark = {
  name: "data-rate",
  what: "one procedural training sample (shape, scene, rendering, sensor noise, mask), on one thread",
  inTorch: false,
  run: async () => {
    let index = 0;
    const timing = await measure(() => proceduralSample("bench", index++, { maps: false }), { runs: 30, seconds: 2 });
    return { ...timing, details: { samplesPerSecond: 1 / timing.medianSeconds } };
  },
};

export const rasterizeSix: Benchmark = {
  name: "rasterize",
  what: "one 640 × 480 depth image with an object of each category, half a metre away",
  inTorch: false,
  run: async () => {
    const rng = new Rng(4);
    const bodies = categories.map((category, i) => ({
      mesh: proceduralShape(category, rng.split(category)).mesh,
      pose: { rotation: [1, 0, 0, 0, -1, 0, 0, 0, -1], translation: [0.12 * (i - 2.5), 0, 0.5] },
    })) satisfies Parameters<typeof rasterize>[0];
    const triangles = bodies.reduce((sum, { mesh }) => sum + mesh.triangles.length / 3, 0);
    return {
      ...(await measure(() => rasterize(bodies, real275Camera), { runs: 10, seconds: 1 })),
      details: { triangles },
    };
  },
};
