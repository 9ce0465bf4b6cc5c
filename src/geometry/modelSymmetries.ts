/**
 * @file The symmetries of a scanned model in the form of BOP: rigid motions, and axes about which any turn is one.
 */
import type { Pose } from "./pose";
import type { Vector3 } from "./vector";

/** An axis in the model's frame. */
export interface SymmetryAxis {
  /** Unit vector. */
  axis: Vector3;
  /** A point on the axis, metres. */
  offset: Vector3;
}

/** What leaves a model as it is, in its own frame; metres. */
export interface ModelSymmetries {
  /** Without the identity. */
  discrete: Pose[];
  continuous: SymmetryAxis[];
}
