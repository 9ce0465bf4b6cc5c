/**
 * @file A template: an object's mesh seen from a direction, in a crop as `metricSquare` cuts it.
 */
import { assertInput } from "../check";
import { type Mesh, triangleNormals } from "../geometry/mesh";
import { rasterize } from "../geometry/rasterize";
import { addSurfaceColor } from "../geometry/surfaceColor";
import type { Matrix3 } from "../geometry/vector";
import type { Material } from "./procedural/typicalMaterial";

/** A rendered view. */
export interface TemplatePicture {
  /** size × size × 3. */
  rgb: Uint8Array;
  /** size × size; 1 where the object covers at least half of the pixel. */
  mask: Uint8Array;
}

const defaults = {
  size: 224,
  side: 0.2,
  distance: 0.8,
  samples: 2,
  ambient: 0.3,
  background: [0, 0, 0],
} satisfies RenderTemplateOptions;

/** Options of `renderTemplate`. */
export interface RenderTemplateOptions {
  /** Side of the picture, pixels. */
  size?: number;
  /** Length that the side shows at the object's origin, metres (paper C 0.2). */
  side?: number;
  /** Distance of the camera from the object's origin, metres (paper C 0.4; here as far as real cameras are). */
  distance?: number;
  /** Samples along each side of a pixel. */
  samples?: number;
  /** Share of the light that reaches faces seen edge on; the rest falls from the camera (Lambert). */
  ambient?: number;
  /** Colour 0 … 1 of a point of a face, in the object's frame, instead of the mesh's texture or vertex colours. */
  material?: Material;
  /** Red, green, blue behind the object. Black finds more views of real pictures than the mean grey of ImageNet does. */
  background?: readonly [number, number, number];
}

/**
 * Render a mesh by the z-buffer with its texture or vertex colours and a lamp at the camera.
 *
 * @param mesh metres, in the object's own frame
 * @param rotation object → camera (`lookAtRotation`); the origin lies on the optical axis
 * @throws InputError if a size is not positive, or the camera is within the mesh's sphere
 */
export function renderTemplate(mesh: Mesh, rotation: Matrix3, options: RenderTemplateOptions = {}): TemplatePicture {
  const { size, side, distance, samples, ambient, background } = { ...defaults, ...options };
  const { material } = options;
  assertInput(
    Number.isInteger(size) && size > 0 && Number.isInteger(samples) && samples > 0 && side > 0,
    `renderTemplate: size ${size}, samples ${samples}, side ${side}; all must be positive, the first two whole numbers`,
  );
  const wide = size * samples;
  const focal = (wide * distance) / side;
  // Samples of pixel x lie around x, and the crop's middle is at size/2.
  const center = (samples * size) / 2 + (samples - 1) / 2;
  const camera = { fx: focal, fy: focal, cx: center, cy: center, width: wide, height: wide };
  const { depth, triangle } = rasterize([{ mesh, pose: { rotation, translation: [0, 0, distance] } }], camera, {
    near: distance / 20,
  });
  const faces = normalsOf(mesh);
  const rgb = new Uint8Array(size * size * 3);
  const mask = new Uint8Array(size * size);
  const sum = [0, 0, 0];
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      let hit = 0;
      sum.fill(0);
      for (let j = 0; j < samples; j++)
        for (let i = 0; i < samples; i++) {
          const at = (y * samples + j) * wide + x * samples + i;
          const t = triangle[at];
          if (t < 0) {
            for (let c = 0; c < 3; c++) sum[c] += background[c];
            continue;
          }
          hit++;
          const z = depth[at];
          const px = ((x * samples + i - center) / focal) * z;
          const py = ((y * samples + j - center) / focal) * z;
          // Rᵀ(p − t), the point in the object's frame.
          const pz = z - distance;
          const ox = rotation[0] * px + rotation[3] * py + rotation[6] * pz;
          const oy = rotation[1] * px + rotation[4] * py + rotation[7] * pz;
          const oz = rotation[2] * px + rotation[5] * py + rotation[8] * pz;
          const [nx, ny, nz] = [faces[3 * t], faces[3 * t + 1], faces[3 * t + 2]];
          // The lamp stands where the camera is: the normal against the line of sight.
          const sight = Math.sqrt(px * px + py * py + z * z);
          const cx = rotation[6] * nx + rotation[7] * ny + rotation[8] * nz;
          const ax = rotation[0] * nx + rotation[1] * ny + rotation[2] * nz;
          const ay = rotation[3] * nx + rotation[4] * ny + rotation[5] * nz;
          const light = ambient + ((1 - ambient) * Math.abs(ax * px + ay * py + cx * z)) / sight;
          if (material) {
            const color = material([ox, oy, oz], [nx, ny, nz], z / focal, t);
            for (let c = 0; c < 3; c++) sum[c] += 255 * light * color[c];
            continue;
          }
          addSurfaceColor(mesh, t, ox, oy, oz, light, sum);
        }
      const to = y * size + x;
      mask[to] = 2 * hit >= samples * samples ? 1 : 0;
      for (let c = 0; c < 3; c++) rgb[3 * to + c] = Math.max(0, Math.min(255, Math.round(sum[c] / samples ** 2)));
    }
  return { rgb, mask };
}

/** Normals of a mesh's triangles, made once for its hundreds of views. */
const known = new WeakMap<Mesh, Float64Array>();
function normalsOf(mesh: Mesh): Float64Array {
  const normals = known.get(mesh) ?? triangleNormals(mesh);
  known.set(mesh, normals);
  return normals;
}
