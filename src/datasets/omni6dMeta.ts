/**
 * @file The json files of Omni6DPose: objects and camera of a frame, and the table of objects with their symmetries.
 */
import { existsSync } from "node:fs";
import { assertInput } from "../check";
import { type JsonObject, jsonNatural, jsonNumber, jsonNumbers, jsonObject, jsonText } from "../formats/jsonField";
import { readJsonObject } from "../formats/readJson";
import type { Camera } from "../geometry/camera";
import type { Pose } from "../geometry/pose";
import { type QuaternionWxyz, rotationFromQuaternionWxyz } from "../geometry/rotation";
import type { ObjectSymmetry } from "../geometry/symmetryGroup";
import type { Vector3 } from "../geometry/vector";
import { pathInRoot } from "./pathInRoot";

/** An object of a frame. */
export interface Omni6dObject {
  /** The number of its pixels in the mask. */
  maskId: number;
  /** Key in the table of objects. */
  objectId: string;
  category: string;
  /** Centre of the object's box → camera, metres. */
  pose: Pose;
  /** Extents of its box, metres. */
  size: Vector3;
  /** Part of the scenery, of no interest to the benchmark. */
  isBackground: boolean;
  /** What the evaluation counts: stands upright, lies where such an object may lie. */
  isValid: boolean;
}

/** FRAME_ID_meta.json. */
export interface Omni6dMeta {
  objects: Omni6dObject[];
  camera: Camera;
}

function cameraOf(where: string, value: unknown): Camera {
  const json = jsonObject(where, value);
  const number = (key: string): number => jsonNumber(`${where}, ${key}`, json[key]);
  const camera: Camera = {
    fx: number("fx"),
    fy: number("fy"),
    cx: number("cx"),
    cy: number("cy"),
    width: jsonNatural(`${where}, width`, json.width),
    height: jsonNatural(`${where}, height`, json.height),
  };
  assertInput(
    camera.fx > 0 && camera.fy > 0 && camera.width > 0 && camera.height > 0,
    `${where}: focal lengths and image size must be positive; take the original file`,
  );
  return camera;
}

/** Extents in metres: bbox_side_len, or scale times the object's dimensions where a file lacks it. */
function sizeOf(where: string, meta: JsonObject, dimensions: Vector3 | undefined): Vector3 {
  const stated = meta.bbox_side_len;
  if (stated !== undefined) return jsonNumbers(`${where}, bbox_side_len`, stated, 3) as unknown as Vector3;
  assertInput(
    dimensions,
    `${where}: neither bbox_side_len nor the object's dimensions are known; put Meta/obj_meta.json and Meta/real_obj_meta.json into the root`,
  );
  return jsonNumbers(`${where}, scale`, meta.scale, 3).map((s, i) => s * dimensions[i]) as unknown as Vector3;
}

function objectOf(where: string, key: string, value: unknown, table: Map<string, Omni6dModel>): Omni6dObject {
  const json = jsonObject(where, value);
  const meta = jsonObject(`${where}, meta`, json.meta);
  const quaternion = jsonNumbers(`${where}, quaternion_wxyz`, json.quaternion_wxyz, 4) as unknown as QuaternionWxyz;
  assertInput(
    Math.abs(Math.hypot(...quaternion) - 1) < 0.01,
    `${where}, quaternion_wxyz: its length is ${Math.hypot(...quaternion)}, not 1; take the original file`,
  );
  const maskId = Number(key.split("_")[0]);
  assertInput(
    Number.isInteger(maskId) && maskId >= 0 && maskId <= 255,
    `${where}: an object's key begins with its number in the mask, "3_mug…", got ${JSON.stringify(key.slice(0, 40))}; take the original file`,
  );
  const objectId = jsonText(`${where}, meta.oid`, meta.oid);
  const size = sizeOf(`${where}, meta`, meta, table.get(objectId)?.dimensions);
  assertInput(
    size.every((extent) => extent > 0),
    `${where}: the extents ${size.join(", ")} are not positive; take the original file`,
  );
  return {
    maskId,
    objectId,
    category: jsonText(`${where}, meta.class_name`, meta.class_name),
    pose: {
      rotation: rotationFromQuaternionWxyz(quaternion),
      translation: jsonNumbers(`${where}, translation`, json.translation, 3) as unknown as Vector3,
    },
    size,
    isBackground: meta.is_background === true,
    isValid: json.is_valid !== false,
  };
}

/**
 * Objects and camera of a frame.
 *
 * @param table `readOmni6dModels`, for frames whose objects lack bbox_side_len
 * @throws InputError naming the file, the object and the entry that is missing or of another kind
 */
export function readOmni6dMeta(path: string, table: Map<string, Omni6dModel> = new Map()): Omni6dMeta {
  const json = readJsonObject("readOmni6dMeta", path);
  const camera = jsonObject(`${path}, camera`, json.camera);
  const objects = Object.entries(jsonObject(`${path}, objects`, json.objects));
  return {
    camera: cameraOf(`${path}, camera.intrinsics`, camera.intrinsics),
    objects: objects.map(([key, value]) => objectOf(`${path}, object ${key.slice(0, 40)}`, key, value, table)),
  };
}

/** What the table of objects says of one. */
export interface Omni6dModel {
  category: string;
  /** Extents before a frame's scale. */
  dimensions: Vector3;
  symmetry: ObjectSymmetry;
}

const turns = ["none", "any", "half", "quarter"];

/**
 * The name of a symmetry that is told axis by axis (cutoop's SymLabel): one axis of any turn is a cone about it, with half
 * turns about the others a cylinder; one of quarter turns a square pyramid, with half turns a square tube; one of half
 * turns a flip, three a box; quarter turns about several a cube; an axis of any turn with another of any or quarter
 * turns a sphere.
 *
 * @throws InputError for other words and combinations that no object has
 */
export function omni6dSymmetry(where: string, value: unknown): ObjectSymmetry {
  const json = jsonObject(where, value);
  const axes = (["x", "y", "z"] as const).map((axis) => ({ axis, turn: jsonText(`${where}, ${axis}`, json[axis]) }));
  for (const { axis, turn } of axes)
    assertInput(
      turns.includes(turn),
      `${where}, ${axis}: ${JSON.stringify(turn)} is not one of ${turns.join(", ")}; take the original file`,
    );
  const of = (turn: string): ("x" | "y" | "z")[] => axes.filter((a) => a.turn === turn).map(({ axis }) => axis);
  const [any, half, quarter] = [of("any"), of("half"), of("quarter")];
  if (json.any === true || any.length > 1 || (any.length === 1 && quarter.length > 0)) return "any";
  if (any.length === 1) return half.length > 0 ? `${any[0]}-cylinder` : `${any[0]}-cone`;
  if (quarter.length > 1) return "cube";
  if (quarter.length === 1) return half.length > 0 ? `${quarter[0]}-square-tube` : `${quarter[0]}-square-pyramid`;
  if (half.length > 1) return "box";
  return half.length === 1 ? `${half[0]}-flip` : "none";
}

/**
 * The table of objects by id: Meta/obj_meta.json (SOPE) and Meta/real_obj_meta.json (ROPE), those that are there.
 *
 * @throws InputError naming the file and the entry that is not what the format says
 */
export function readOmni6dModels(root: string): Map<string, Omni6dModel> {
  const models = new Map<string, Omni6dModel>();
  for (const name of ["Meta/obj_meta.json", "Meta/real_obj_meta.json"]) {
    const path = pathInRoot(root, name);
    if (!existsSync(path)) continue;
    const instances = jsonObject(`${path}, instance_dict`, readJsonObject("readOmni6dModels", path).instance_dict);
    for (const [id, value] of Object.entries(instances)) {
      const where = `${path}, ${id.slice(0, 60)}`;
      const json = jsonObject(where, value);
      const tag = jsonObject(`${where}, tag`, json.tag);
      models.set(id, {
        category: jsonText(`${where}, class_name`, json.class_name),
        dimensions: jsonNumbers(`${where}, dimensions`, json.dimensions, 3) as unknown as Vector3,
        symmetry: omni6dSymmetry(`${where}, tag.symmetry`, tag.symmetry),
      });
    }
  }
  return models;
}
