/**
 * @file test_targets_bop19.json: which objects in which images an evaluation asks for.
 */
import { jsonList, jsonNatural, jsonObject } from "../formats/jsonField";
import { readJson } from "../formats/readJson";
import { pathInRoot } from "./pathInRoot";

/** An object to be found in an image. */
export interface BopTarget {
  sceneId: number;
  imageId: number;
  /** Undefined in targets for detection (BOP'24), which name images only. */
  objectId?: number;
  /** How many of it are in the image; 1 where the file says nothing. */
  instanceCount: number;
}

/**
 * The targets of a file.
 *
 * @param file below the root
 * @throws InputError naming the file and the entry that is not what the format says
 */
export function readBopTargets(root: string, file: string = "test_targets_bop19.json"): BopTarget[] {
  const path = pathInRoot(root, file);
  return jsonList(path, readJson("readBopTargets", path)).map((value, i) => {
    const where = `${path}, target ${i}`;
    const json = jsonObject(where, value);
    const natural = (key: string): number => jsonNatural(`${where}, ${key}`, json[key]);
    return {
      sceneId: natural("scene_id"),
      imageId: natural("im_id"),
      objectId: json.obj_id === undefined ? undefined : natural("obj_id"),
      instanceCount: json.inst_count === undefined ? 1 : natural("inst_count"),
    };
  });
}
