/**
 * @file How fast training data are made.
 */
import type { CropWindow } from "../../datasets/crop";
import { photoWindow } from "../../datasets/procedural/proceduralPhoto";
import { proceduralSample } from "../../datasets/procedural/proceduralSample";
import { proceduralShape } from "../../datasets/procedural/shape";
import { zoomMaps } from "../../datasets/zoomCrop";
import { real275Camera } from "../../geometry/camera";
import { rasterize } from "../../geometry/rasterize";
import { categories } from "../../geometry/symmetry";
import { defaultRgbRun } from "../../papers/trainRgb";
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

export const photoRate: Benchmark = {
  name: "photo-rate",
  what: "one rendered photo window with its thumbnail and predicted geometry, on one thread; each is cropped 8 times",
  inTorch: false,
  run: async () => {
    let index = 0;
    const rendering = await measure(() => photoWindow("bench", index++), { runs: 30, seconds: 2 });
    const { rgb, camera, predicted } = photoWindow("bench", 0);
    const window: CropWindow = { center: [camera.width / 2, camera.height / 2], scale: camera.width / 1.6 };
    const cropping = await measure(() => zoomMaps({ rgb, camera }, predicted, window, 64), {
      runs: 100,
    });
    const perCrop = rendering.medianSeconds / defaultRgbRun.visits + cropping.medianSeconds;
    return { ...rendering, details: { cropMs: 1000 * cropping.medianSeconds, cropsPerSecond: 1 / perCrop } };
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
