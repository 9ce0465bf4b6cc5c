/**
 * @file What a segmentation network makes of the visible pixels: a mask that is shifted, frayed, too wide or too narrow.
 */
import type { Rng } from "../../random";

/** Move a mask by whole pixels; what leaves the image is lost. */
function shift(mask: Uint8Array, width: number, height: number, du: number, dv: number): Uint8Array {
  const moved = new Uint8Array(mask.length);
  for (let v = Math.max(0, -dv); v < Math.min(height, height - dv); v++)
    for (let u = Math.max(0, -du); u < Math.min(width, width - du); u++)
      moved[(v + dv) * width + u + du] = mask[v * width + u]!;
  return moved;
}

/** Add (grow) or remove the border pixels of a mask, each with the given probability. */
function fray(mask: Uint8Array, width: number, height: number, grow: boolean, share: number, rng: Rng): void {
  const flipped: number[] = [];
  const wanted = grow ? 1 : 0;
  for (let v = 0, pixel = 0; v < height; v++)
    for (let u = 0; u < width; u++, pixel++) {
      if (mask[pixel] === wanted) continue;
      const touches =
        (u > 0 && mask[pixel - 1] === wanted) ||
        (u < width - 1 && mask[pixel + 1] === wanted) ||
        (v > 0 && mask[pixel - width] === wanted) ||
        (v < height - 1 && mask[pixel + width] === wanted);
      if (touches) flipped.push(pixel);
    }
  for (const pixel of flipped) if (rng.chance(share)) mask[pixel] = grow ? 1 : 0;
}

/**
 * A mask with the errors of a detector or of hand annotation: in a third of the frames shifted by up to 2 % of the
 * crop, in half of them frayed (GenPose deforms masks with the same probability), in a tenth with a bite taken out.
 */
export function segment(visible: Uint8Array, width: number, height: number, rng: Rng): Uint8Array {
  let mask: Uint8Array = visible.slice();
  if (rng.chance(0.35)) {
    const most = Math.max(1, 0.02 * width);
    mask = shift(mask, width, height, Math.round(rng.uniform(-most, most)), Math.round(rng.uniform(-most, most)));
  }
  if (rng.chance(0.5)) {
    const grow = rng.chance(0.5);
    const rounds = 1 + rng.integer(2);
    const share = rng.uniform(0.3, 1);
    for (let i = 0; i < rounds; i++) fray(mask, width, height, grow, share, rng);
  }
  if (rng.chance(0.12)) {
    // A bite: a disc around a random pixel (a specular spot, a dark screen, a part the detector missed).
    const [cu, cv] = [rng.uniform(0, width), rng.uniform(0, height)];
    const radius = width * rng.uniform(0.06, 0.2);
    for (let pixel = 0; pixel < mask.length; pixel++) {
      const u = pixel % width;
      if (Math.hypot(u - cu, (pixel - u) / width - cv) < radius) mask[pixel] = 0;
    }
  }
  return mask;
}
