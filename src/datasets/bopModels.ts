/**
 * @file The object models of a BOP data set: models_info.json with symmetries, and the ply meshes, in metres.
 */
import { assertInput, assertRotation } from "../check";
import { type JsonObject, jsonList, jsonNumber, jsonNumbers, jsonObject } from "../formats/jsonField";
import type { MeshData } from "../formats/obj";
import { readPly } from "../formats/ply";
import { readJsonObject } from "../formats/readJson";
import type { ModelSymmetries } from "../geometry/modelSymmetries";
import { add, type Matrix3, norm, normalize, scale, type Vector3 } from "../geometry/vector";
import { pathInRoot } from "./pathInRoot";

/** What models_info.json says of a model; metres, in the model's own frame. */
export interface BopModel {
  objectId: number;
  /** Largest distance between two vertices. */
  diameter: number;
  /** Extents of the axis-aligned box. */
  size: Vector3;
  /** Centre of that box. */
  boxCenter: Vector3;
  symmetries: ModelSymmetries;
}

/** "000005": numbers in BOP's file names. */
export const bopNumber = (value: number): string => String(value).padStart(6, "0");

const vector = (where: string, value: unknown): Vector3 => jsonNumbers(where, value, 3) as unknown as Vector3;
const metres = (mm: Vector3): Vector3 => scale(mm, 1 / 1000);

/** symmetries_discrete: 4 × 4 by rows, mm; symmetries_continuous: axis, offset in mm. */
function symmetriesOf(where: string, json: JsonObject): ModelSymmetries {
  const list = (key: string): unknown[] => (json[key] === undefined ? [] : jsonList(`${where}, ${key}`, json[key]));
  return {
    discrete: list("symmetries_discrete").map((value, i) => {
      const at = `${where}, symmetries_discrete ${i}`;
      const m = jsonNumbers(at, value, 16);
      const rotation: Matrix3 = [m[0], m[1], m[2], m[4], m[5], m[6], m[8], m[9], m[10]];
      assertRotation(at, rotation, 1e-3);
      return { rotation, translation: metres([m[3], m[7], m[11]]) };
    }),
    continuous: list("symmetries_continuous").map((value, i) => {
      const at = `${where}, symmetries_continuous ${i}`;
      const entry = jsonObject(at, value);
      const axis = vector(`${at}, axis`, entry.axis);
      assertInput(norm(axis) > 0.5, `${at}: the axis ${axis.join(", ")} is no unit vector; take the original file`);
      return { axis: normalize(axis), offset: metres(vector(`${at}, offset`, entry.offset)) };
    }),
  };
}

/**
 * The models by number.
 *
 * @param folder "models", "models_eval", "models_cad", … below the root
 * @throws InputError naming the file, the model and the entry that is missing or is no number
 */
export function readBopModels(root: string, folder: string = "models"): Map<number, BopModel> {
  const path = pathInRoot(root, folder, "models_info.json");
  return new Map(
    Object.entries(readJsonObject("readBopModels", path)).map(([key, value]) => {
      const where = `${path}, model ${key}`;
      assertInput(/^\d{1,6}$/.test(key), `${where}: this is no number of a model; take the original file`);
      const json = jsonObject(where, value);
      const three = (prefix: string): Vector3 =>
        metres(
          ["x", "y", "z"].map((axis) =>
            jsonNumber(`${where}, ${prefix}_${axis}`, json[`${prefix}_${axis}`]),
          ) as unknown as Vector3,
        );
      const size = three("size");
      const diameter = jsonNumber(`${where}, diameter`, json.diameter) / 1000;
      assertInput(
        diameter > 0 && size.every((extent) => extent >= 0),
        `${where}: diameter and size must be positive millimetres; take the original file`,
      );
      const objectId = Number(key);
      const boxCenter = add(three("min"), scale(size, 1 / 2));
      return [objectId, { objectId, diameter, size, boxCenter, symmetries: symmetriesOf(where, json) }];
    }),
  );
}

/** The file of a model's mesh, obj_000005.ply. @throws InputError as `pathInRoot` */
export const bopMeshFile = (root: string, objectId: number, folder: string = "models"): string =>
  pathInRoot(root, folder, `obj_${bopNumber(objectId)}.ply`);

/** The mesh of a model, metres, in its own frame; its texture is named and not read. @throws InputError as `readPly` */
export function readBopMesh(root: string, objectId: number, folder: string = "models"): MeshData {
  const data = readPly(bopMeshFile(root, objectId, folder));
  return { ...data, vertices: data.vertices.map((mm) => mm / 1000) };
}
