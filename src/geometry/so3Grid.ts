/**
 * @file A grid on SO(3) whose cells have equal volume: HEALPix directions times turns of a circle.
 */
import { assertInput } from "../check";
import { healpixCentres } from "./healpix";
import { rotationX, rotationZ } from "./rotation";
import { geodesicDistance } from "./so3";
import { type Matrix3, multiply } from "./vector";

/**
 * 72·8^level rotations (Yershova et al. 2010; Murphy et al. 2021, implicit-PDF): 12·4^level HEALPix directions (azimuth φ,
 * polar angle θ) times 6·2^level tilts ψ, R = R_X(φ)·R_Z(θ)·R_X(ψ), the axes of the published code. Tilts run slowest.
 * Neighbours are about 60°/2^level apart: 72, 576, 4608 and 36,864 rotations for 60°, 30°, 15° and 7.5°.
 *
 * @throws InputError unless level is an integer in 0 … 5
 */
export function so3Grid(level: number): Matrix3[] {
  assertInput(
    Number.isInteger(level) && level >= 0 && level <= 5,
    `so3Grid: level is ${level}; pass an integer in 0 … 5 (72·8^level rotations)`,
  );
  const directions = healpixCentres(2 ** level).map(([x, y, z]) =>
    multiply(rotationX(Math.atan2(y, x)), rotationZ(Math.acos(z))),
  );
  const tilts = 6 * 2 ** level;
  return Array.from({ length: tilts }, (_, k) => rotationX((2 * Math.PI * k) / tilts)).flatMap((tilt) =>
    directions.map((direction) => multiply(direction, tilt)),
  );
}

/** Index of the rotation in `grid` that is closest to `r`. @throws InputError for an empty grid */
export function nearestRotation(grid: readonly Matrix3[], r: Matrix3): number {
  assertInput(grid.length > 0, "nearestRotation: the grid is empty; pass so3Grid(level)");
  const angles = grid.map((g) => geodesicDistance(g, r));
  return angles.indexOf(Math.min(...angles));
}

/**
 * Expected angle Σ p_i·min_j ∠(R_i, R*_j) of a distribution over `grid` to the nearest of several equally right
 * rotations, radians: implicit-PDF's spread.
 *
 * @throws InputError unless there is a probability for each rotation, all at least 0 with the sum 1, and a true rotation
 */
export function expectedAngle(
  probabilities: ArrayLike<number>,
  grid: readonly Matrix3[],
  truths: readonly Matrix3[],
): number {
  assertInput(
    probabilities.length === grid.length,
    `expectedAngle: got ${probabilities.length} probabilities for ${grid.length} rotations; give one each`,
  );
  assertInput(truths.length > 0, "expectedAngle: got no true rotation; pass at least one");
  const p = Array.from(probabilities);
  const total = p.reduce((a, b) => a + b, 0);
  assertInput(
    p.every((v) => v >= 0) && Math.abs(total - 1) < 1e-4,
    `expectedAngle: the probabilities sum to ${total}; they must be at least 0 and sum to 1`,
  );
  return grid.reduce((sum, r, i) => sum + p[i] * Math.min(...truths.map((truth) => geodesicDistance(r, truth))), 0);
}
