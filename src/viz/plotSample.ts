/**
 * @file A sample as one picture: its photo (or its depth), the box of its object and its axes.
 */

import type { Sample } from "../datasets/sample";
import type { Pose } from "../geometry/pose";
import { add, apply } from "../geometry/vector";
import type { Figure } from "./figure";
import { plotImage } from "./plotImage";
import { palette } from "./template";

/** Grey by depth, near is bright; black where nothing was seen. */
function greyDepth(depth: Float32Array): Uint8Array {
  let [near, far] = [Infinity, 0];
  for (const z of depth)
    if (z > 0) {
      near = Math.min(near, z);
      far = Math.max(far, z);
    }
  const rgb = new Uint8Array(3 * depth.length);
  depth.forEach((z, i) => {
    if (z > 0) rgb.fill(255 - Math.round((200 * (z - near)) / Math.max(far - near, 1e-6)), 3 * i, 3 * i + 3);
  });
  return rgb;
}

/** The pixels of the mask tinted. */
function tinted(rgb: Uint8Array, mask: ArrayLike<number>): Uint8Array {
  const copy = Uint8Array.from(rgb);
  for (let i = 0; i < mask.length; i++)
    if (mask[i]) {
      copy[3 * i] = Math.round(0.75 * copy[3 * i]);
      copy[3 * i + 1] = Math.round(0.75 * copy[3 * i + 1] + 0.25 * 200);
      copy[3 * i + 2] = Math.round(0.75 * copy[3 * i + 2] + 0.25 * 255);
    }
  return copy;
}

/**
 * The photo of a sample, or its depth in grey where it has none, the mask tinted; with a known pose the object's axes and
 * with a known size its box.
 */
export function plotSample(sample: Sample<string>): Figure {
  const { id, category, camera, depth, mask, rgb, pose, size, boxCenter = [0, 0, 0] } = sample;
  const box: Pose | undefined = pose && {
    rotation: pose.rotation,
    translation: add(pose.translation, apply(pose.rotation, boxCenter)),
  };
  return plotImage(tinted(rgb ?? greyDepth(depth), mask), camera, {
    title: `${category}: ${id}`,
    poses: pose ? [pose] : [],
    axisLength: size ? 0.7 * Math.max(...size) : 0.08,
    boxes: box && size ? [{ name: "truth", boxes: [{ ...box, size }], color: palette.yellow }] : [],
  });
}
