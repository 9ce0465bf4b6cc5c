/**
 * @file A scene as a camera sees it: colours, depth, normals and which pixels are the object.
 */
import type { Camera } from "../../geometry/camera";
import { invert } from "../../geometry/pose";
import { rasterize } from "../../geometry/rasterize";
import type { DressedBody, TableScene } from "./tableScene";

/** The maps of a rendered scene, camera.height × camera.width each. */
export interface RenderedScene {
  camera: Camera;
  /** H × W × 3, before noise. */
  rgb: Uint8Array;
  /** Metres along z, exact; 0 beyond the table. */
  depth: Float32Array;
  /** H × W × 3, unit vectors in the camera frame, towards the camera; 0 beyond the table. */
  normals: Float32Array;
  /** 1 where the object is the nearest thing. */
  mask: Uint8Array;
  /** Pixels that show the object's part 1 (the handle of a mug). */
  handlePixels: number;
}

/** How dark it gets beside a body: contact shadows tell that it stands on the table. */
const shadowDepth = 0.45;

/** Contact shadows: x, z and radius of each in the table's frame. */
function shadowsOn(table: DressedBody, bodies: readonly DressedBody[]): Float64Array {
  const { rotation: r, translation: t } = invert(table.pose);
  const standing = bodies.filter(({ shadow }) => shadow > 0);
  const shadows = new Float64Array(3 * standing.length);
  standing.forEach(({ pose, shadow }, i) => {
    const [x, y, z] = pose.translation;
    shadows[3 * i] = r[0] * x + r[1] * y + r[2] * z + t[0];
    shadows[3 * i + 1] = r[6] * x + r[7] * y + r[8] * z + t[2];
    shadows[3 * i + 2] = shadow;
  });
  return shadows;
}

/** Share of the light that reaches a point of the table. */
function lightBeside(shadows: Float64Array, x: number, z: number): number {
  let light = 1;
  for (let i = 0; i < shadows.length; i += 3) {
    const [dx, dz, reach] = [x - shadows[i]!, z - shadows[i + 1]!, shadows[i + 2]!];
    const away = (dx * dx + dz * dz) / (reach * reach);
    if (away < 1.69) light *= 1 - shadowDepth * Math.min(1, (1.3 - Math.sqrt(away)) / 0.6);
  }
  return light;
}

/**
 * Render with Lambert shading, one lamp, a highlight and contact shadows.
 *
 * @param camera the scene's own, or that of a window of its image (`cropCamera`)
 */
export function renderScene(scene: TableScene, camera: Camera = scene.camera): RenderedScene {
  const { bodies, light, shape } = scene;
  const { width, height, fx, fy, cx, cy } = camera;
  const pixels = width * height;
  const raster = rasterize(bodies, camera);
  const rgb = new Uint8Array(3 * pixels);
  const normals = new Float32Array(3 * pixels);
  const mask = new Uint8Array(pixels);
  let handlePixels = 0;
  const shadows = shadowsOn(bodies[1]!, [bodies[0]!, ...bodies.slice(2)]);
  const [lx, ly, lz] = light.lamp;
  const { ambient, gloss, balance, background } = light;
  // Reused from pixel to pixel: materials only read them.
  const local: [number, number, number] = [0, 0, 0];
  const face: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < pixels; i++) {
    const z = raster.depth[i]!;
    const row = (i / width) | 0;
    if (z === 0) {
      const fade = 150 + (60 * row) / height;
      for (let k = 0; k < 3; k++) rgb[3 * i + k] = Math.min(255, fade * background[k]! * balance[k]!);
      continue;
    }
    const index = raster.body[i]!;
    const { pose, faces, material } = bodies[index]!;
    const triangle = raster.triangle[i]!;
    if (index === 0) {
      mask[i] = 1;
      if (shape.mesh.parts?.[triangle] === 1) handlePixels++;
    }
    const x = ((i - row * width - cx) / fx) * z;
    const y = ((row - cy) / fy) * z;
    const { rotation: r, translation: t } = pose;
    // Rᵀ(p − t), the point in the body's frame.
    const px = x - t[0];
    const py = y - t[1];
    const pz = z - t[2];
    local[0] = r[0] * px + r[3] * py + r[6] * pz;
    local[1] = r[1] * px + r[4] * py + r[7] * pz;
    local[2] = r[2] * px + r[5] * py + r[8] * pz;
    face[0] = faces[3 * triangle]!;
    face[1] = faces[3 * triangle + 1]!;
    face[2] = faces[3 * triangle + 2]!;
    let nx = r[0] * face[0] + r[1] * face[1] + r[2] * face[2];
    let ny = r[3] * face[0] + r[4] * face[1] + r[5] * face[2];
    let nz = r[6] * face[0] + r[7] * face[1] + r[8] * face[2];
    let away = nx * x + ny * y + nz * z;
    if (away > 0) {
      nx = -nx;
      ny = -ny;
      nz = -nz;
    } else away = -away;
    normals[3 * i] = nx;
    normals[3 * i + 1] = ny;
    normals[3 * i + 2] = nz;
    let diffuse = ambient + (1 - ambient) * Math.max(0, nx * lx + ny * ly + nz * lz);
    const far = Math.sqrt(x * x + y * y + z * z);
    let highlight = 0;
    if (index === 1) diffuse *= lightBeside(shadows, local[0], local[2]);
    else {
      // Blinn's halfway vector between lamp and eye.
      const hx = lx - x / far;
      const hy = ly - y / far;
      const hz = lz - z / far;
      const towards = (nx * hx + ny * hy + nz * hz) / Math.sqrt(hx * hx + hy * hy + hz * hz);
      if (towards > 0.8) highlight = gloss * towards ** 30;
    }
    // A pixel covers more of a surface that is seen at a grazing angle.
    const color = material(local, face, (z / fx) * Math.sqrt(Math.min(25, far / Math.max(away, 1e-6))), triangle);
    for (let k = 0; k < 3; k++)
      rgb[3 * i + k] = 255 * Math.min(1, Math.max(0, (color[k]! * diffuse + highlight) * balance[k]!));
  }
  return { camera, rgb, depth: raster.depth, normals, mask, handlePixels };
}
