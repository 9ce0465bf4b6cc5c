/**
 * @file The numbers on which paper B's diffusion acts: pose and size as a crop shows them, standardised.
 */
import { assertInput } from "../check";
import type { CropWindow, PixelBox } from "../datasets/crop";
import { siteFrame } from "../datasets/zoomCrop";
import type { OrientedBox } from "../geometry/box";
import type { Camera } from "../geometry/camera";
import { poseSizeDimension, poseSizeFromVector, poseSizeVector } from "../geometry/poseSizeVector";
import type { SiteFrame } from "../geometry/siteTranslation";
import type { RgbConfig } from "./rgbMeanShift";

/** y = (x − mean)/unit of the twelve numbers. */
export interface PoseStandard {
  mean: readonly number[];
  unit: readonly number[];
}

/** Numbers as they are. */
export const noStandard: PoseStandard = {
  mean: new Array<number>(poseSizeDimension).fill(0),
  unit: new Array<number>(poseSizeDimension).fill(1),
};

/**
 * For 64-pixel crops of the embedded photos: units in which SITE and size have the deviation of a rotation's entries,
 * 1/√3, so that one σ is the same noise for all twelve (measured over 800 training crops).
 */
export const smallStandard: PoseStandard = {
  mean: [0, 0, 0, 0, 0, 0, 0, 0, 2.8, 0.15, 0.13, 0.15],
  unit: [1, 1, 1, 1, 1, 1, 0.26, 0.29, 2.8, 0.155, 0.11, 0.155],
};

/** Focal length in pixels of which all cameras are taken to be: that of REAL275's 640 × 480 images. */
export const canonicalFocal = 590;

/**
 * SITE's frame for a crop, as if the camera had the canonical focal length. δz = t_z·side/outSize grows with the focal
 * length, which a crop does not show: a photo of 4,000 pixels' width would have another δz than the same photo at 640.
 */
export function canonicalFrame(camera: Camera, box: PixelBox, window: CropWindow, outSize: number): SiteFrame {
  const frame = siteFrame(camera, box, window, outSize);
  return { ...frame, cropSide: (frame.cropSide * canonicalFocal) / camera.fx };
}

/** Which form of the twelve numbers a network was trained on. */
export type PoseForm = Pick<RgbConfig, "allocentric" | "standard">;

/** Pose and size in metres → the diffusion's numbers. @throws InputError as `poseSizeVector` */
export const diffusionVector = (box: OrientedBox, frame: SiteFrame, { allocentric, standard }: PoseForm): number[] =>
  poseSizeVector(box, frame, { allocentric }).map((x, d) => (x - standard.mean[d]) / standard.unit[d]);

/** Rows of the diffusion's numbers → poses and sizes in metres, each extent at least a millimetre. */
export function boxesOfVectors(
  y: ArrayLike<number>,
  frame: SiteFrame,
  { allocentric, standard }: PoseForm,
): OrientedBox[] {
  assertInput(
    y.length % poseSizeDimension === 0,
    `boxesOfVectors: got ${y.length} numbers; give ${poseSizeDimension} for every pose`,
  );
  const { mean, unit } = standard;
  return Array.from({ length: y.length / poseSizeDimension }, (_, row) => {
    const x = mean.map((m, d) => m + unit[d] * y[row * poseSizeDimension + d]);
    // A depth of nothing or behind the camera has no pixel: a sample that says so is at least before it.
    x[8] = Math.max(1e-3, x[8]);
    const { size, ...pose } = poseSizeFromVector(x, frame, { allocentric });
    return { ...pose, size: [Math.max(1e-3, size[0]), Math.max(1e-3, size[1]), Math.max(1e-3, size[2])] };
  });
}
