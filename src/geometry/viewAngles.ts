/**
 * @file From where the camera sees an object.
 */
import type { Pose } from "./pose";
import { apply, norm, scale, transpose } from "./vector";

/** Direction from the object's origin to the camera, in the object's frame (y up); degrees. */
export interface ViewAngles {
  /** Above the object's x–z plane. */
  elevationDeg: number;
  /** About y from +x towards +z. */
  azimuthDeg: number;
}

/** The view direction d = −Rᵀt/‖t‖ as asin(d_y) and atan2(d_z, d_x). */
export function viewAngles({ rotation, translation }: Pose): ViewAngles {
  const [x, y, z] = apply(transpose(rotation), scale(translation, -1 / norm(translation)));
  const degrees = 180 / Math.PI;
  return {
    elevationDeg: degrees * Math.asin(Math.max(-1, Math.min(1, y))),
    azimuthDeg: degrees * Math.atan2(z, x),
  };
}
