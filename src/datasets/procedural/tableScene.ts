/**
 * @file A photo's scene: an object on a table among others, seen by a camera that somebody holds.
 */
import { type Camera, camera25Camera, real275Camera } from "../../geometry/camera";
import { boundsOf, type Mesh, triangleNormals } from "../../geometry/mesh";
import { compose, type Pose, transformPoint } from "../../geometry/pose";
import { rotationX, rotationY, rotationZ } from "../../geometry/rotation";
import { type Category, categories } from "../../geometry/symmetry";
import { multiply, normalize, type Vector3 } from "../../geometry/vector";
import type { Rng } from "../../random";
import { randomMaterial } from "./appearance";
import { square } from "./scene";
import { proceduralShape, type Shape } from "./shape";
import { Solid } from "./solids";
import { flatThing, tableMaterial } from "./tableMaterial";
import { type Material, typicalMaterial } from "./typicalMaterial";

/** A body, where it stands and what it looks like. */
export interface DressedBody {
  mesh: Mesh;
  pose: Pose;
  material: Material;
  /** `triangleNormals` of the mesh. */
  faces: Float64Array;
  /** Radius of its contact shadow on the table, metres; 0 for what is flat or floats. */
  shadow: number;
}

/** A body that stands on the table. */
function dress(mesh: Mesh, pose: Pose, material: Material, standing: boolean = true): DressedBody {
  let [reach, height] = [0, 0];
  const { vertices } = mesh;
  for (let i = 0; i < vertices.length; i += 3) {
    reach = Math.max(reach, Math.hypot(vertices[i]!, vertices[i + 2]!));
    height = Math.max(height, 2 * vertices[i + 1]!);
  }
  return { mesh, pose, material, faces: triangleNormals(mesh), shadow: standing && height > 0.03 ? reach : 0 };
}

/** How a scene is lit. */
export interface Light {
  /** Towards the lamp, camera frame, unit length. */
  lamp: Vector3;
  /** Share of the light that comes from everywhere. */
  ambient: number;
  gloss: number;
  /** What the white balance makes of the three colours. */
  balance: Vector3;
  /** Colour behind the table, 0 … 1. */
  background: Vector3;
}

/** A scene; `bodies[0]` is the object, `bodies[1]` the table. */
export interface TableScene {
  shape: Shape;
  /** Of the object: NOCS frame → camera. */
  pose: Pose;
  camera: Camera;
  bodies: DressedBody[];
  light: Light;
}

const degrees = Math.PI / 180;

/**
 * Where the camera is. People hold it about half a metre above a table and look down by 15–65°; how far away the object
 * is follows from both, so that a photo that shows the table tells a part of its scale. The object may be anywhere in
 * the image.
 */
function handHeldView({ size }: Shape, rng: Rng): { camera: Camera; pose: Pose } {
  const base = rng.chance(0.7) ? real275Camera : camera25Camera;
  const focal = rng.uniform(0.92, 1.08);
  const camera = { ...base, fx: base.fx * focal, fy: base.fy * focal };
  const elevation = rng.uniform(15, 65) * degrees;
  const height = 0.5 * Math.exp(rng.normal(0, 0.2)) - size[1] / 2;
  const nearest = Math.max(0.35, 1.7 * Math.max(...size));
  const distance = Math.min(1.6, Math.max(nearest * rng.uniform(1, 1.15), height / Math.sin(elevation)));
  let rotation = multiply(multiply(rotationX(elevation), rotationX(Math.PI)), rotationY(rng.uniform(0, 2 * Math.PI)));
  rotation = multiply(rotationZ(rng.normal(0, 7 * degrees)), rotation);
  const turn = multiply(rotationY(rng.uniform(-20, 20) * degrees), rotationX(rng.uniform(-15, 15) * degrees));
  return {
    camera,
    pose: {
      rotation: multiply(turn, rotation),
      translation: [turn[2] * distance, turn[5] * distance, turn[8] * distance],
    },
  };
}

/** Neighbours, most of them of the six categories in their usual looks. */
function neighbour(rng: Rng): { mesh: Mesh; size: Vector3; material: Material } {
  if (rng.chance(0.75)) {
    const shape = proceduralShape(rng.pick(categories), rng);
    return { mesh: shape.mesh, size: shape.size, material: typicalMaterial(shape, rng) };
  }
  const size: Vector3 = [rng.uniform(0.03, 0.2), rng.uniform(0.02, 0.2), rng.uniform(0.03, 0.2)];
  return { mesh: new Solid().cuboid(size).build(), size, material: randomMaterial(rng) };
}

/** Things on the table that keep clear of a disc of radius `reach` about the object. */
function thingsAround({ size, pose }: { size: Vector3; pose: Pose }, rng: Rng): DressedBody[] {
  const bodies: DressedBody[] = [];
  const ground = -size[1] / 2;
  const reach = Math.hypot(size[0], size[2]) / 2;
  const taken: [number, number, number][] = [];
  const place = (radius: number, near: number, far: number, put: (at: [number, number]) => void): void => {
    for (let attempt = 0; attempt < 6; attempt++) {
      const angle = rng.uniform(0, 2 * Math.PI);
      const away = reach + radius + rng.uniform(near, far);
      const [x, z] = [away * Math.cos(angle), away * Math.sin(angle)];
      if (taken.some(([tx, tz, r]) => Math.hypot(x - tx, z - tz) < r + radius)) continue;
      taken.push([x, z, radius]);
      put([x, z]);
      return;
    }
  };
  const turned = (): Pose["rotation"] => rotationY(rng.uniform(0, 2 * Math.PI));
  for (let i = rng.integer(4); i > 0; i--) {
    const { mesh, size: own, material } = neighbour(rng);
    place(Math.hypot(own[0], own[2]) / 2, 0.005, 0.3, ([x, z]) =>
      bodies.push(
        dress(mesh, compose(pose, { rotation: turned(), translation: [x, ground + own[1] / 2, z] }), material),
      ),
    );
  }
  for (let i = rng.integer(4); i > 0; i--) {
    const { mesh, material, reach: own } = flatThing(rng);
    const thickness = boundsOf(mesh).high[1];
    place(own, 0, 0.3, ([x, z]) =>
      bodies.push(
        dress(mesh, compose(pose, { rotation: turned(), translation: [x, ground + thickness, z] }), material),
      ),
    );
  }
  return bodies;
}

/** In one scene of four something that floats between camera and object and hides a part of it. */
function occluder({ size, pose }: { size: Vector3; pose: Pose }, rng: Rng): DressedBody[] {
  if (!rng.chance(0.3)) return [];
  const at = transformPoint(pose, [0, 1, 2].map((k) => rng.uniform(-0.6, 0.6) * size[k]!) as unknown as Vector3);
  const nearer = rng.uniform(0.6, 0.9);
  const width = Math.max(...size) * nearer;
  const mesh = new Solid()
    .cuboid([width * rng.uniform(0.08, 0.45), width * rng.uniform(0.2, 1.2), width * 0.1])
    .build();
  const rotation = multiply(rotationX(rng.uniform(0, 3)), rotationY(rng.uniform(0, 3)));
  const hand = { rotation, translation: [at[0] * nearer, at[1] * nearer, at[2] * nearer] as const };
  return [dress(mesh, hand, randomMaterial(rng), false)];
}

function randomLight(rng: Rng): Light {
  return {
    lamp: normalize([rng.normal(), -Math.abs(rng.normal()) - 0.5, -Math.abs(rng.normal()) - 0.2]),
    ambient: rng.uniform(0.3, 0.65),
    gloss: rng.uniform(0, 0.45),
    balance: [rng.uniform(0.85, 1.1), rng.uniform(0.9, 1.05), rng.uniform(0.85, 1.1)],
    background: [rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9)],
  };
}

/** Draw a scene around an instance of a category. The same stream gives the same scene. */
export function tableScene(category: Category, rng: Rng, given?: Shape): TableScene {
  const shape = given ?? proceduralShape(category, rng.split("shape"));
  const { camera, pose } = handHeldView(shape, rng.split("view"));
  const tablePose = compose(pose, {
    rotation: rotationY(
      rng
        .split("table")
        .split("turn")
        .uniform(0, 2 * Math.PI),
    ),
    translation: [0, -shape.size[1] / 2 - 1e-4, 0],
  });
  const table = dress(square(rng.split("table").uniform(0.45, 1.4)), tablePose, tableMaterial(rng.split("surface")));
  const object = dress(shape.mesh, pose, shape.material ?? typicalMaterial(shape, rng.split("material")));
  const placed = { size: shape.size, pose };
  return {
    shape,
    pose,
    camera,
    bodies: [object, table, ...thingsAround(placed, rng.split("around")), ...occluder(placed, rng.split("occluder"))],
    light: randomLight(rng.split("light")),
  };
}
