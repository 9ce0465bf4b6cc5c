/**
 * @file Mollweide's projection of the sphere: the whole sphere as an ellipse of axes 4√2 and 2√2, equal areas kept equal.
 */
import { assertInput } from "../check";

/** Half the width, 2√2, and half the height, √2, of the ellipse; its area is 4π, that of the sphere. */
export const mollweideExtent: readonly [number, number] = [2 * Math.SQRT2, Math.SQRT2];

/**
 * x = (2√2/π)·λ·cos θ, y = √2·sin θ with 2θ + sin 2θ = π sin φ (J. P. Snyder, Map Projections: A Working Manual, 1987,
 * eqs. 31-1 to 31-3, R = 1).
 *
 * @param longitude λ in [−π, π], radians
 * @param latitude φ in [−π/2, π/2], radians
 * @throws InputError if one is outside its range
 */
export function mollweide(longitude: number, latitude: number): [number, number] {
  assertInput(
    Math.abs(longitude) <= Math.PI + 1e-9 && Math.abs(latitude) <= Math.PI / 2 + 1e-9,
    `mollweide: got longitude ${longitude}, latitude ${latitude}; expected radians in [−π, π] and [−π/2, π/2]`,
  );
  const theta = Math.sign(latitude) * auxiliaryAngle(Math.min(Math.abs(latitude), Math.PI / 2));
  return [((2 * Math.SQRT2) / Math.PI) * longitude * Math.cos(theta), Math.SQRT2 * Math.sin(theta)];
}

/**
 * θ of φ ∈ [0, π/2]. With u = π − 2θ and c = π(1 − sin φ) = 2π sin²((π/2 − φ)/2) the equation is u − sin u = c, which
 * loses no digits at the pole (u → 0), where u ≈ (6c)^⅓. Newton from above converges without overshooting, as
 * u − sin u is convex on [0, π].
 */
function auxiliaryAngle(latitude: number): number {
  const c = 2 * Math.PI * Math.sin((Math.PI / 2 - latitude) / 2) ** 2;
  if (c === 0) return Math.PI / 2;
  let u = Math.min(Math.PI, 1.2 * Math.cbrt(6 * c));
  for (let i = 0; i < 30; i++) {
    // u − sin u by its series where the difference would cancel.
    const f = (u < 0.05 ? (u ** 3 / 6) * (1 - u ** 2 / 20 + u ** 4 / 840) : u - Math.sin(u)) - c;
    const step = f / (2 * Math.sin(u / 2) ** 2);
    u -= step;
    if (Math.abs(step) <= 1e-15 * u) break;
  }
  return (Math.PI - u) / 2;
}

/**
 * [λ, φ] of a point of the map: θ = arcsin(y/√2), φ = arcsin((2θ + sin 2θ)/π), λ = πx/(2√2 cos θ). At the poles, where
 * all longitudes meet, λ is 0.
 *
 * @throws InputError for a point outside the ellipse
 */
export function mollweideInverse(x: number, y: number): [number, number] {
  assertInput(
    (x * x) / 8 + (y * y) / 2 <= 1 + 1e-9,
    `mollweideInverse: (${x}, ${y}) lies outside the map; expected x²/8 + y²/2 ≤ 1`,
  );
  const theta = Math.asin(Math.max(-1, Math.min(1, y / Math.SQRT2)));
  const latitude = Math.asin(Math.max(-1, Math.min(1, (2 * theta + Math.sin(2 * theta)) / Math.PI)));
  const width = 2 * Math.SQRT2 * Math.cos(theta);
  return [width > 1e-12 ? Math.max(-Math.PI, Math.min(Math.PI, (Math.PI * x) / width)) : 0, latitude];
}
