/**
 * @file The one type for an object seen by an RGB-D camera, procedural or real.
 */
import type { Camera } from "../geometry/camera";
import type { ModelSymmetries } from "../geometry/modelSymmetries";
import type { Pose } from "../geometry/pose";
import type { Category } from "../geometry/symmetry";
import type { ObjectSymmetry } from "../geometry/symmetryGroup";
import type { Vector3 } from "../geometry/vector";

/**
 * One object in one image (or in one crop of an image). Every map is row-major, camera.height × camera.width.
 *
 * `Name` is what the data set calls its objects: the categories of the embedded data and NOCS unless a reader says
 * otherwise (`Sample<string>`: any).
 */
export interface Sample<Name extends string = Category> {
  /** Where it comes from: "procedural/train/17", "real_train/scene_1/0000#3". */
  id: string;
  category: Name;
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
  /** Ground truth, if known: object (y up, origin at the centre of its box; in BOP sets the model's own frame) → camera. */
  pose?: Pose;
  /** Extents of the object's box along its x, y, z, metres. */
  size?: Vector3;
  /** Centre of the box in the object's frame, where it is not the origin (BOP). */
  boxCenter?: Vector3;
  /** Number of the object's model, where a data set numbers them (BOP). */
  objectId?: number;
  /** What the object may be turned by unnoticed, where the data set says it: a label (Omni6DPose) … */
  symmetry?: ObjectSymmetry;
  /** … or the motions themselves (BOP). */
  symmetries?: ModelSymmetries;
  /** The mug's handle can be seen (always true for the other categories); decides the symmetry. */
  handleVisible?: boolean;
  /** Share of the object's silhouette that nothing hides, where it is known. */
  visibleShare?: number;
  /** Which maps were rendered from the object models because the data set's files lack them. */
  rendered?: readonly ("depth" | "mask")[];
}

/** A sample whose pose and size are known. */
export type PosedSample<Name extends string = Category> = Sample<Name> & Required<Pick<Sample, "pose" | "size">>;

/** A rendered sample: every map is there. */
export type RenderedSample = PosedSample & Required<Pick<Sample, "rgb" | "normals" | "nocs">>;
