/**
 * @file From the polygons of a mesh file to triangles.
 */

/**
 * Appends the fan (p₀, pᵢ, pᵢ₊₁) of a polygon to `triangles`; exact for convex polygons, which is what scanners and
 * modelling programs write. Polygons of one or two corners have no area and give nothing.
 */
export function appendFan(triangles: number[], polygon: readonly number[]): void {
  for (let i = 1; i + 1 < polygon.length; i++) triangles.push(polygon[0], polygon[i], polygon[i + 1]);
}
