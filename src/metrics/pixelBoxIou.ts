/**
 * @file IoU of boxes in the image.
 */
import { assertFinite, assertInput, assertShape } from "../check";

/** First and last pixel of both directions: [x₁, y₁, x₂, y₂] or [y₁, x₁, y₂, x₂]. */
export type PixelBox = readonly [number, number, number, number];

/** @throws InputError, beginning with `where`, unless the box is four finite numbers with first ≤ last */
export function assertPixelBox(where: string, box: PixelBox): void {
  assertShape(where, box, [4]);
  assertFinite(where, box);
  assertInput(
    box[0] <= box[2] && box[1] <= box[3],
    `${where}: the box [${box.join(", ")}] ends before it begins; give first and last pixel of both directions`,
  );
}

/**
 * IoU of two boxes that hold their last pixels: a side is x₂ − x₁ + 1 long (PASCAL VOC's convention; GenPose).
 * @throws InputError unless both are four finite numbers with first ≤ last
 */
export function pixelBoxIou(a: PixelBox, b: PixelBox): number {
  for (const box of [a, b]) assertPixelBox("pixelBoxIou", box);
  const area = (x1: number, y1: number, x2: number, y2: number): number =>
    Math.max(0, x2 - x1 + 1) * Math.max(0, y2 - y1 + 1);
  const shared = area(Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3]));
  return shared / (area(...a) + area(...b) - shared);
}
