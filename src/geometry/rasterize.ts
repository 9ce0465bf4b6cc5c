/**
 * @file A z-buffer: which triangle of which mesh a pinhole camera sees in every pixel, and how far it is.
 */
import { assertInput } from "../check";
import type { Camera } from "./camera";
import type { Mesh } from "./mesh";
import type { Pose } from "./pose";

/** What the camera sees. All maps are height × width, row-major. */
export interface Raster {
  width: number;
  height: number;
  /** Metres along z; 0 where nothing is. */
  depth: Float32Array;
  /** Index into the list of bodies; −1 where nothing is. */
  body: Int16Array;
  /** Triangle of that body; −1 where nothing is. */
  triangle: Int32Array;
}

/** A mesh in its place. */
export interface Body {
  mesh: Mesh;
  pose: Pose;
}

const defaults = { near: 0.05 } satisfies RasterizeOptions;

export interface RasterizeOptions {
  /** Distance of the clipping plane, metres: what is nearer is cut away. */
  near?: number;
}

/** An empty raster of a camera's size. */
export function emptyRaster(width: number, height: number): Raster {
  const pixels = width * height;
  return {
    width,
    height,
    depth: new Float32Array(pixels),
    body: new Int16Array(pixels).fill(-1),
    triangle: new Int32Array(pixels).fill(-1),
  };
}

/** Corners of a triangle in the camera frame, x, y, z each. */
type Corners = [number, number, number, number, number, number, number, number, number];

/** The part of a triangle beyond the near plane: 0, 1 or 2 triangles (Sutherland–Hodgman against one plane). */
function clipNear(c: Corners, near: number): Corners[] {
  const kept: number[][] = [];
  for (let i = 0; i < 3; i++) {
    const a = [c[3 * i]!, c[3 * i + 1]!, c[3 * i + 2]!];
    const j = (i + 1) % 3;
    const b = [c[3 * j]!, c[3 * j + 1]!, c[3 * j + 2]!];
    if (a[2]! >= near) kept.push(a);
    if (a[2]! >= near !== b[2]! >= near) {
      const s = (near - a[2]!) / (b[2]! - a[2]!);
      kept.push([a[0]! + s * (b[0]! - a[0]!), a[1]! + s * (b[1]! - a[1]!), near]);
    }
  }
  const fan: Corners[] = [];
  for (let i = 2; i < kept.length; i++) fan.push([...kept[0]!, ...kept[i - 1]!, ...kept[i]!] as Corners);
  return fan;
}

/**
 * Render bodies by a z-buffer. Depth is perspective-correct: 1/z is linear over the image. A pixel belongs to the
 * triangle that contains its centre; pixel (u, v) has its centre at u, v (as in `backProject`).
 *
 * @throws InputError if the camera's size is not a positive whole number or a focal length is not positive
 */
export function rasterize(bodies: readonly Body[], camera: Camera, options: RasterizeOptions = {}): Raster {
  const { near } = { ...defaults, ...options };
  const { width, height, fx, fy, cx, cy } = camera;
  assertInput(
    Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0,
    `rasterize: the image is ${width} × ${height}; both must be positive whole numbers`,
  );
  assertInput(fx > 0 && fy > 0, `rasterize: the focal lengths are ${fx}, ${fy}; both must be positive pixels`);
  const raster = emptyRaster(width, height);
  const inverseDepth = new Float64Array(width * height);

  const fill = (c: Corners, body: number, triangle: number): void => {
    const qa = 1 / c[2];
    const qb = 1 / c[5];
    const qc = 1 / c[8];
    const ax = fx * c[0] * qa + cx;
    const ay = fy * c[1] * qa + cy;
    const bx = fx * c[3] * qb + cx;
    const by = fy * c[4] * qb + cy;
    const dx = fx * c[6] * qc + cx;
    const dy = fy * c[7] * qc + cy;
    const area = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax);
    if (Math.abs(area) < 1e-12) return;
    const left = Math.max(0, Math.ceil(Math.min(ax, bx, dx)));
    const right = Math.min(width - 1, Math.floor(Math.max(ax, bx, dx)));
    const top = Math.max(0, Math.ceil(Math.min(ay, by, dy)));
    const bottom = Math.min(height - 1, Math.floor(Math.max(ay, by, dy)));
    // Barycentric weights of b and c are linear in the pixel: w = w0 + u·(∂w/∂u).
    const bu = (dy - ay) / area;
    const bv = -(dx - ax) / area;
    const cu = -(by - ay) / area;
    const cv = (bx - ax) / area;
    for (let v = top; v <= bottom; v++) {
      let wb = (left - ax) * bu + (v - ay) * bv;
      let wc = (left - ax) * cu + (v - ay) * cv;
      for (let u = left, pixel = v * width + left; u <= right; u++, pixel++, wb += bu, wc += cu) {
        if (wb < -1e-9 || wc < -1e-9 || wb + wc > 1 + 1e-9) continue;
        const q = qa + wb * (qb - qa) + wc * (qc - qa);
        if (q <= inverseDepth[pixel]!) continue;
        inverseDepth[pixel] = q;
        raster.body[pixel] = body;
        raster.triangle[pixel] = triangle;
      }
    }
  };

  bodies.forEach(({ mesh, pose }, body) => {
    const { rotation: r, translation: t } = pose;
    const { vertices, triangles } = mesh;
    const points = new Float64Array(vertices.length);
    for (let i = 0; i < vertices.length; i += 3) {
      const x = vertices[i]!;
      const y = vertices[i + 1]!;
      const z = vertices[i + 2]!;
      points[i] = r[0] * x + r[1] * y + r[2] * z + t[0];
      points[i + 1] = r[3] * x + r[4] * y + r[5] * z + t[1];
      points[i + 2] = r[6] * x + r[7] * y + r[8] * z + t[2];
    }
    const corners: Corners = [0, 0, 0, 0, 0, 0, 0, 0, 0];
    for (let k = 0; k < triangles.length; k += 3) {
      const a = 3 * triangles[k]!;
      const b = 3 * triangles[k + 1]!;
      const c = 3 * triangles[k + 2]!;
      for (let i = 0; i < 3; i++) {
        corners[i] = points[a + i]!;
        corners[3 + i] = points[b + i]!;
        corners[6 + i] = points[c + i]!;
      }
      if (corners[2] >= near && corners[5] >= near && corners[8] >= near) fill(corners, body, k / 3);
      else for (const part of clipNear(corners, near)) fill(part, body, k / 3);
    }
  });
  for (let i = 0; i < inverseDepth.length; i++) if (inverseDepth[i]! > 0) raster.depth[i] = 1 / inverseDepth[i]!;
  return raster;
}
