/**
 * @file A sequence of colour images with poses and boxes drawn into them, as an animation.
 */
import { assertInput } from "../check";
import type { Camera } from "../geometry/camera";
import type { Pose } from "../geometry/pose";
import type { Figure } from "./figure";
import type { BoxSet } from "./pixelBoxes";
import { plotImage } from "./plotImage";
import { plotSlider } from "./plotSlider";

/** One image and what is drawn into it. */
export interface SequenceFrame {
  /** camera.height × camera.width × 3 bytes. */
  rgb: Uint8Array;
  camera: Camera;
  poses?: readonly Pose[];
  /** The same names in every frame; a set may be empty where nothing was found. */
  boxes?: readonly BoxSet[];
  /** What the slider calls the frame: a time, a status. Default: its number. */
  label?: string;
}

/** Look of the animation. */
export interface PlotSequenceOptions {
  title?: string;
  /** Metres. */
  axisLength?: number;
  /** At most so many images, evenly spread, the first and the last among them. */
  maxFrames?: number;
  /** Steps of brightness that are stored for each colour: 16 keep an image of 160 × 120 below 15 kB. */
  levels?: number;
  /** Milliseconds for each image when played. */
  milliseconds?: number;
}

const defaults = {
  title: "sequence",
  axisLength: 0.08,
  maxFrames: 24,
  levels: 16,
  milliseconds: 150,
} satisfies PlotSequenceOptions;

/**
 * A slider over the images; it plays without a kernel.
 *
 * @throws InputError if there is no frame, an image does not have its camera's size, or levels is not in 2 … 256
 */
export function plotSequence(frames: readonly SequenceFrame[], options: PlotSequenceOptions = {}): Figure {
  const { title, axisLength, maxFrames, levels, milliseconds } = { ...defaults, ...options };
  assertInput(frames.length > 0, "plotSequence: got no frame; pass [{ rgb, camera, poses }]");
  assertInput(
    Number.isInteger(levels) && levels >= 2 && levels <= 256,
    `plotSequence: levels is ${levels}; give a whole number from 2 to 256`,
  );
  const step = 255 / (levels - 1);
  const last = frames.length - 1;
  const count = Math.min(frames.length, maxFrames);
  const kept = Array.from({ length: count }, (_, i) => (count > 1 ? Math.round((i * last) / (count - 1)) : last));
  const steps = kept.map((index) => {
    const { rgb, camera, poses, boxes, label = String(index) } = frames[index];
    const coarse = rgb.map((value) => Math.round(Math.round(value / step) * step));
    return { label, figure: plotImage(coarse, camera, { title, poses, boxes, axisLength }) };
  });
  return plotSlider(steps, { prefix: "frame ", milliseconds, start: "first" });
}
