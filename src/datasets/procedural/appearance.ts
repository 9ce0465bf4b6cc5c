/**
 * @file Colour, normals and NOCS map of a rendered scene: random materials, textures and light.
 */
import { backProject, type Camera } from "../../geometry/camera";
import { type Mesh, triangleNormals } from "../../geometry/mesh";
import { invert, type Pose, transformPoint } from "../../geometry/pose";
import type { Body } from "../../geometry/rasterize";
import { apply, dot, norm, normalize, type Vector3 } from "../../geometry/vector";
import type { Rng } from "../../random";
import type { Sample } from "../sample";
import type { Observation } from "./observation";
import type { Shape } from "./shape";
import { type Material, typicalMaterial } from "./typicalMaterial";

const randomColor = (rng: Rng): Vector3 => [rng.uniform(0.05, 1), rng.uniform(0.05, 1), rng.uniform(0.05, 1)];

/** Plain, striped along a random direction, chequered, or blotched. */
export function randomMaterial(rng: Rng): Material {
  const [a, b] = [randomColor(rng), randomColor(rng)];
  const kind = rng.integer(4);
  const direction = normalize([rng.normal(), rng.normal(), rng.normal()]);
  const period = rng.uniform(0.008, 0.06);
  const phase = rng.uniform(0, 10);
  if (kind === 0) return () => a;
  if (kind === 1) return (p) => (Math.sin((2 * Math.PI * dot(direction, p)) / period + phase) > 0.2 ? a : b);
  if (kind === 2)
    return (p) => ((Math.floor(p[0] / period) + Math.floor(p[1] / period) + Math.floor(p[2] / period)) % 2 ? a : b);
  return (p) => {
    const s = Math.sin(p[0] / period + phase) * Math.sin(p[1] / period - phase) * Math.sin(p[2] / period + 2 * phase);
    return s > 0.15 ? a : b;
  };
}

/** Lambert shading with one lamp, ambient light and a highlight, as seen along `view`. */
function shade(
  color: Vector3,
  normal: Vector3,
  view: Vector3,
  lamp: Vector3,
  ambient: number,
  gloss: number,
): number[] {
  const diffuse = ambient + (1 - ambient) * Math.max(0, dot(normal, lamp));
  const half = normalize([lamp[0] + view[0], lamp[1] + view[1], lamp[2] + view[2]]);
  const highlight = gloss * Math.max(0, dot(normal, half)) ** 30;
  return color.map((c) => 255 * Math.min(1, c * diffuse + highlight));
}

/** The maps of a Sample that a picture needs; same pixels as its depth. */
export function appearance(
  shape: Shape,
  pose: Pose,
  camera: Camera,
  { object, scene, visible }: Pick<Observation, "object" | "scene" | "visible">,
  others: readonly Body[],
  rng: Rng,
  { materials = "random" }: { materials?: "random" | "typical" } = {},
): Pick<Sample, "rgb" | "normals" | "nocs"> {
  const pixels = visible.length;
  const rgb = new Uint8Array(3 * pixels);
  const normals = new Float32Array(3 * pixels);
  const nocs = new Float32Array(3 * pixels);
  const bodies: { mesh: Mesh; pose: Pose; inverse: Pose; material: Material; faces: Float64Array }[] = [
    { mesh: shape.mesh, pose },
    ...others,
  ].map((body) => ({
    ...body,
    inverse: invert(body.pose),
    material: randomMaterial(rng),
    faces: triangleNormals(body.mesh),
  }));
  if (materials === "typical") bodies[0].material = typicalMaterial(shape, rng.split("typical"));
  const diagonal = norm(shape.size);
  const lamp = normalize([rng.normal(), -Math.abs(rng.normal()) - 0.3, -Math.abs(rng.normal()) - 0.3]);
  const ambient = rng.uniform(0.25, 0.6);
  const gloss = rng.uniform(0, 0.5);
  const background = randomColor(rng);
  for (let i = 0; i < pixels; i++) {
    const onObject = visible[i] === 1;
    const raster = onObject ? object : scene;
    const z = raster.depth[i]!;
    if (z === 0) {
      for (let k = 0; k < 3; k++) rgb[3 * i + k] = 160 * background[k]! + rng.uniform(0, 12);
      continue;
    }
    const body = bodies[onObject ? 0 : 1 + scene.body[i]!]!;
    const u = i % camera.width;
    const point = backProject(camera, u, (i - u) / camera.width, z);
    const local = transformPoint(body.inverse, point);
    const face = 3 * raster.triangle[i]!;
    const view = normalize([-point[0], -point[1], -point[2]]);
    const ofFace: Vector3 = [body.faces[face]!, body.faces[face + 1]!, body.faces[face + 2]!];
    let normal = apply(body.pose.rotation, ofFace);
    if (dot(normal, view) < 0) normal = [-normal[0], -normal[1], -normal[2]];
    normals.set(normal, 3 * i);
    const color = shade(body.material(local, ofFace), normal, view, lamp, ambient, gloss);
    for (let k = 0; k < 3; k++) {
      rgb[3 * i + k] = Math.min(255, Math.max(0, color[k]! + rng.normal(0, 2.5)));
      if (onObject) nocs[3 * i + k] = local[k]! / diagonal + 0.5;
    }
  }
  return { rgb, normals, nocs };
}
