/**
 * @file The twelve numbers of paper B: rotation, scale-invariant translation and size, of an object in a crop.
 */
import { assertFinite, assertInput } from "../check";
import { allocentricRotation, egocentricRotation, pixelRay } from "./allocentric";
import type { OrientedBox } from "./box";
import { rotation6dOf, rotationFrom6d } from "./rotation";
import { type SiteFrame, siteOfTranslation, translationOfSite } from "./siteTranslation";

/** D = 12: two columns of the rotation, SITE, size (paper B, appendix A.1.2). */
export const poseSizeDimension = 12;

/** Options of `poseSizeVector` and `poseSizeFromVector`. */
export interface PoseSizeOptions {
  /**
   * Turn the rotation to the ray of the crop's centre (`allocentricRotation`), as GDR-Net does; the centre of the crop
   * is known when the pose is not. False: R as it is in the camera frame.
   */
  allocentric?: boolean;
}

const defaults = { allocentric: true } satisfies PoseSizeOptions;

/**
 * [r₁, r₂ | δx, δy, δz | s]: the first two columns of the rotation (eq. 4), SITE (eq. 5) and the box's extents in metres.
 *
 * @param box the object's pose and size in the camera frame
 * @throws InputError for an object that is not in front of the camera or a frame without extent
 */
export function poseSizeVector(box: OrientedBox, frame: SiteFrame, options: PoseSizeOptions = {}): number[] {
  const { allocentric } = { ...defaults, ...options };
  const { rotation, translation, size } = box;
  assertFinite("poseSizeVector", [...rotation, ...translation, ...size]);
  const seen = allocentric ? allocentricRotation(rotation, pixelRay(frame.camera, frame.cropCenter)) : rotation;
  return [...rotation6dOf(seen), ...siteOfTranslation(translation, frame), ...size];
}

/**
 * The metric pose and size of twelve numbers: Gram–Schmidt (eqs. 2, 3), eq. 6, and the size as it is; the exact inverse
 * of `poseSizeVector` with the same frame and options.
 *
 * A sampled vector may hold a depth or an extent that is not positive: it comes out as it is.
 *
 * @throws InputError if `offset` + 12 exceeds the array, or for numbers that are not finite
 */
export function poseSizeFromVector(
  x: ArrayLike<number>,
  frame: SiteFrame,
  { offset = 0, ...options }: PoseSizeOptions & { offset?: number } = {},
): OrientedBox {
  const { allocentric } = { ...defaults, ...options };
  assertInput(
    offset + poseSizeDimension <= x.length,
    `poseSizeFromVector: needs ${poseSizeDimension} numbers at ${offset}, the array has ${x.length}`,
  );
  const at = (i: number): number => x[offset + i] as number;
  const size = [at(9), at(10), at(11)] as const;
  assertFinite("poseSizeFromVector, size", size);
  const seen = rotationFrom6d([at(0), at(1), at(2), at(3), at(4), at(5)]);
  return {
    rotation: allocentric ? egocentricRotation(seen, pixelRay(frame.camera, frame.cropCenter)) : seen,
    translation: translationOfSite([at(6), at(7), at(8)], frame),
    size,
  };
}
