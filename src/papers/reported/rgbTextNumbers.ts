/**
 * @file Numbers that paper B prints outside of its tables. Numbers that only repeat a table are not listed again; the
 * curves of Fig. 3 carry no printed numbers.
 */
import type { ReportedNumber } from "./textNumbers";

type Row = readonly [place: string, what: string, value: number, unit: string];

const rows: readonly Row[] = [
  // What is claimed.
  ["section 1", "speed-up of inference by Mean Shift", 15, "%"],
  ["section 1", "increase of the strict metric over the best before", 55, "%"],
  ["section 1", "increase of IoU75 over the best before", 18, "%"],
  ["section 4.3", "increase of the rotation metric on REAL275", 14, "%"],
  ["section 4.3", "increase of the translation metric on REAL275", 52, "%"],
  ["section 4.3", "increase of IoU50 over DMSR", 60, "%"],
  ["section 4.3", "increase of rotation on CAMERA25", 5, "%"],
  ["section 4.4.3", "speed-up of GenPose with Mean Shift in place of the EnergyNet", 15, "%"],
  ["section 4.4.3", "its decrease in accuracy", 1, "%"],
  ["section 4.4.2", "hypotheses", 50, "hypotheses"],
  // The networks.
  ["section 3.1", "channels of the geometry picture (depth, normals)", 4, "channels"],
  ["section 3.5", "layers of each CNN encoder (ResNet-34)", 34, "layers"],
  ["section 3.5", "output of each CNN encoder and of the global feature", 2048, "numbers"],
  ["section 3.5", "hidden layers of the pose encoder", 256, "numbers"],
  ["section 3.5", "layers of the pose encoder", 2, "layers"],
  ["section 3.5", "category embedding", 128, "numbers"],
  ["section 3.5", "layers of each head", 3, "layers"],
  ["section 3.5", "hidden layers of each head", 512, "numbers"],
  ["section 3.2", "heads (two for rotation, SITE, size)", 4, "heads"],
  ["appendix A.1.2", "pose vector", 12, "numbers"],
  // Training.
  ["section 3.5", "rate at which conditions are dropped", 10, "%"],
  ["section 3.5", "batch", 64, "crops"],
  ["appendix A.1.1", "shift and scale of boxes in training, ±", 25, "%"],
  ["appendix A.1.1", "zoom of the crop", 1.5, "times"],
  // Data.
  ["section 4.1", "categories", 6, "categories"],
  ["section 4.1", "CAMERA25, training", 275_000, "images"],
  ["section 4.1", "CAMERA25, test", 25_000, "images"],
  ["section 4.1", "REAL275, instances of a category", 3, "objects"],
  ["section 4.1", "REAL275", 7, "scenes"],
  ["section 4.1", "REAL275, objects of a scene, at least", 5, "objects"],
  ["section 4.1", "REAL275, training", 4300, "images"],
  ["section 4.1", "REAL275, test", 2750, "images"],
];

/** Paper B's numbers in the text. */
export const reportedRgbNumbers: readonly ReportedNumber[] = rows.map(([place, what, value, unit]) => ({
  place,
  what,
  value,
  unit,
}));
