import { proceduralPhoto } from "../../src/datasets/procedural/proceduralPhoto";

/** A laptop on a table. */
export const testPhoto = proceduralPhoto("test", 4);

/** What the networks read of it. */
export const testView = {
  rgb: testPhoto.rgb,
  camera: testPhoto.camera,
  box: testPhoto.box,
  category: "laptop",
  geometry: testPhoto.predicted,
} as const;
