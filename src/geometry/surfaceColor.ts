/**
 * @file What colour a point of a mesh has.
 */
import type { Mesh, MeshTexture } from "./mesh";

/** Colour of a mesh without texture and vertex colours. */
const plain = 160;

/**
 * Add `light` times the colour, 0 … 255, of a point of a triangle to `sum`: its texture's, else its vertices', else grey.
 *
 * @param x of the point, in the mesh's frame, as are y and z
 */
export function addSurfaceColor(
  { vertices, triangles, colors, texture }: Mesh,
  triangle: number,
  x: number,
  y: number,
  z: number,
  light: number,
  sum: number[],
): void {
  const [a, b, d] = [triangles[3 * triangle], triangles[3 * triangle + 1], triangles[3 * triangle + 2]];
  const picture =
    texture && texture.pictureOf[triangle] >= 0 ? texture.pictures[texture.pictureOf[triangle]] : undefined;
  if (texture && picture) {
    const [wb, wd] = barycentric(vertices, a, b, d, x, y, z);
    const uv = texture.corners;
    const [u, v] = [0, 1].map(
      (k) => (1 - wb - wd) * uv[6 * triangle + k] + wb * uv[6 * triangle + 2 + k] + wd * uv[6 * triangle + 4 + k],
    );
    addTexel(picture, u, v, light, sum);
    return;
  }
  if (!colors) {
    for (let c = 0; c < 3; c++) sum[c] += plain * light;
    return;
  }
  const [wb, wd] = barycentric(vertices, a, b, d, x, y, z);
  for (let c = 0; c < 3; c++)
    sum[c] += light * ((1 - wb - wd) * colors[3 * a + c] + wb * colors[3 * b + c] + wd * colors[3 * d + c]);
}

/** Adds light times a picture's colour at (u, v), bilinear; the picture repeats. */
function addTexel(
  { width, height, rgb }: MeshTexture["pictures"][number],
  u: number,
  v: number,
  light: number,
  sum: number[],
): void {
  const x = (u - Math.floor(u)) * width - 0.5;
  const y = (1 - (v - Math.floor(v))) * height - 0.5;
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const wrap = (i: number, n: number): number => ((i % n) + n) % n;
  for (const dy of [0, 1])
    for (const dx of [0, 1]) {
      const share = (dx ? x - left : 1 - x + left) * (dy ? y - top : 1 - y + top);
      const at = 3 * (wrap(top + dy, height) * width + wrap(left + dx, width));
      for (let c = 0; c < 3; c++) sum[c] += light * share * rgb[at + c];
    }
}

/** Weights of the second and third corner of a point in a triangle. */
function barycentric(
  v: Float64Array,
  a: number,
  b: number,
  d: number,
  x: number,
  y: number,
  z: number,
): [number, number] {
  const [e0, e1, e2] = [v[3 * b] - v[3 * a], v[3 * b + 1] - v[3 * a + 1], v[3 * b + 2] - v[3 * a + 2]];
  const [f0, f1, f2] = [v[3 * d] - v[3 * a], v[3 * d + 1] - v[3 * a + 1], v[3 * d + 2] - v[3 * a + 2]];
  const [p0, p1, p2] = [x - v[3 * a], y - v[3 * a + 1], z - v[3 * a + 2]];
  const ee = e0 * e0 + e1 * e1 + e2 * e2;
  const ef = e0 * f0 + e1 * f1 + e2 * f2;
  const ff = f0 * f0 + f1 * f1 + f2 * f2;
  const pe = p0 * e0 + p1 * e1 + p2 * e2;
  const pf = p0 * f0 + p1 * f1 + p2 * f2;
  const area = ee * ff - ef * ef;
  if (!(area > 0)) return [0, 0];
  return [(ff * pe - ef * pf) / area, (ee * pf - ef * pe) / area];
}
