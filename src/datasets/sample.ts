/**
 * @file The one type for an object seen by an RGB-D camera, procedural or real.
 */
import type { Camera } from "../geometry/camera";
import type { Pose } from "../geometry/pose";
import type { Category } from "../geometry/symmetry";
import type { Vector3 } from "../geometry/vector";

/** One object in one image (or in one crop of an image). Every map is row-major, camera.height × camera.width. */
export interface Sample {
  /** Where it comes from: "procedural/train/17", "real_train/scene_1/0000#3". */
  id: string;
  category: Category;
  camera: Camera;
  /** Metres along z; 0 where the sensor saw nothing. */
  depth: Float32Array;
  /** 1 on the object as a segmentation sees it, 0 elsewhere. */
  mask: Uint8Array;
  /** H × W × 3. */
  rgb?: Uint8Array;
  /** H × W × 3, unit vectors in the camera frame that point to the camera; 0 where unknown. */
  normals?: Float32Array;
  /** H × W × 3, coordinates in the NOCS cube [0, 1]³ on the object; 0 elsewhere. */
  nocs?: Float32Array;
  /** Ground truth, if known: object (y up, origin at the centre of its box) → camera. */
  pose?: Pose;
  /** Extents of the object's box along its x, y, z, metres. */
  size?: Vector3;
  /** The mug's handle can be seen (always true for the other categories); decides the symmetry. */
  handleVisible?: boolean;
  /** Share of the object's silhouette that nothing hides, where it is known. */
  visibleShare?: number;
}

/** A sample whose pose and size are known. */
export type PosedSample = Sample & Required<Pick<Sample, "pose" | "size">>;

/** A rendered sample: every map is there. */
export type RenderedSample = PosedSample & Required<Pick<Sample, "rgb" | "normals" | "nocs">>;
