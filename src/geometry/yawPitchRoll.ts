/**
 * @file Yaw, pitch and roll of a rotation, with the y axis as the upright one.
 */

import { rotationX, rotationY, rotationZ } from "./rotation";
import { type Matrix3, multiply } from "./vector";

/** Radians: yaw in (−π, π] about y, pitch in [−π/2, π/2] upwards, roll in (−π, π] about z. */
export interface YawPitchRoll {
  yaw: number;
  pitch: number;
  roll: number;
}

/**
 * R = R_Y(yaw)·R_X(−pitch)·R_Z(roll): yaw and pitch are the longitude and the latitude of the third column, the direction
 * in which R turns the z axis; roll is the turn about that direction. At pitch ±π/2 only yaw ∓ roll is determined; roll
 * is then 0.
 */
export function yawPitchRollOf(r: Matrix3): YawPitchRoll {
  const level = Math.hypot(r[2], r[8]);
  const pitch = Math.atan2(r[5], level);
  if (level < 1e-9) return { yaw: Math.atan2(-r[6], r[0]), pitch, roll: 0 };
  return { yaw: Math.atan2(r[2], r[8]), pitch, roll: Math.atan2(r[3], r[4]) };
}

/** R_Y(yaw)·R_X(−pitch)·R_Z(roll). */
export const rotationFromYawPitchRoll = ({ yaw, pitch, roll }: YawPitchRoll): Matrix3 =>
  multiply(rotationY(yaw), multiply(rotationX(-pitch), rotationZ(roll)));
