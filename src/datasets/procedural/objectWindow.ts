/**
 * @file The square window around a projected object, as a detector would cut it out.
 */
import { type Camera, cropCamera } from "../../geometry/camera";
import type { Mesh } from "../../geometry/mesh";
import type { Pose } from "../../geometry/pose";

/**
 * The camera of the window around the object's silhouette, `margin` times as wide; at most `resolution` pixels wide,
 * and never more than the whole camera has there.
 */
export function objectWindow(camera: Camera, mesh: Mesh, pose: Pose, resolution: number, margin: number): Camera {
  const { rotation: r, translation: t } = pose;
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  const { vertices } = mesh;
  for (let i = 0; i < vertices.length; i += 3) {
    const [x, y, z] = [vertices[i]!, vertices[i + 1]!, vertices[i + 2]!];
    const depth = r[6] * x + r[7] * y + r[8] * z + t[2];
    const u = (camera.fx * (r[0] * x + r[1] * y + r[2] * z + t[0])) / depth + camera.cx;
    const v = (camera.fy * (r[3] * x + r[4] * y + r[5] * z + t[1])) / depth + camera.cy;
    left = Math.min(left, u);
    right = Math.max(right, u);
    top = Math.min(top, v);
    bottom = Math.max(bottom, v);
  }
  const side = Math.max(right - left, bottom - top) * margin;
  const zoom = Math.min(1, resolution / side);
  const size = Math.max(8, Math.round(side * zoom));
  return cropCamera(camera, {
    left: (left + right - side) / 2,
    top: (top + bottom - side) / 2,
    width: size,
    height: size,
    zoom,
  });
}
