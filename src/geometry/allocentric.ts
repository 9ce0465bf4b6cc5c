/**
 * @file Rotations as a crop shows them: relative to the ray on which the object lies, not to the optical axis.
 */
import { assertInput } from "../check";
import type { Camera } from "./camera";
import { type Matrix3, multiply, normalize, transpose, type Vector3 } from "./vector";

/**
 * The smallest rotation that takes the optical axis (0, 0, 1) to the direction of `ray`:
 * Q = I + [v]ₓ + [v]ₓ²/(1 + d_z) with d = ray/‖ray‖ and v = e_z × d (Rodrigues).
 *
 * @param ray a direction in the camera frame, of any length
 * @throws InputError unless it points in front of the camera
 */
export function rayRotation(ray: Vector3): Matrix3 {
  assertInput(
    ray[2] > 0 && ray.every(Number.isFinite),
    `rayRotation: the ray (${ray.join(", ")}) does not point in front of the camera; its z must be positive`,
  );
  const [x, y, z] = normalize(ray);
  const c = 1 / (1 + z);
  return [1 - c * x * x, -c * x * y, x, -c * x * y, 1 - c * y * y, y, -x, -y, 1 - c * (x * x + y * y)];
}

/** The ray of pixel (u, v): ((u − cx)/fx, (v − cy)/fy, 1). */
export const pixelRay = ({ fx, fy, cx, cy }: Camera, [u, v]: readonly [number, number]): Vector3 => [
  (u - cx) / fx,
  (v - cy) / fy,
  1,
];

/**
 * The allocentric rotation QᵀR of an egocentric R (Kundu et al. 2018; GDR-Net): what R would be if the camera looked
 * straight along the ray. A camera that turns about itself shows the same crop and changes R, but not QᵀR.
 *
 * @param ray to the object or to the centre of its crop, camera frame
 * @throws InputError unless the ray points in front of the camera
 */
export const allocentricRotation = (rotation: Matrix3, ray: Vector3): Matrix3 =>
  multiply(transpose(rayRotation(ray)), rotation);

/** The egocentric rotation Q·R of an allocentric R: the inverse of `allocentricRotation` for the same ray. */
export const egocentricRotation = (rotation: Matrix3, ray: Vector3): Matrix3 => multiply(rayRotation(ray), rotation);
