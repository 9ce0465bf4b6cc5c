/**
 * @file The three json files of a BOP scene: cameras, ground-truth poses, boxes and visibility of each image.
 */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { assertInput, assertRotation } from "../check";
import { type JsonObject, jsonList, jsonNatural, jsonNumber, jsonNumbers, jsonObject } from "../formats/jsonField";
import { readJsonObject } from "../formats/readJson";
import type { Camera } from "../geometry/camera";
import type { Pose } from "../geometry/pose";
import { type Matrix3, scale, type Vector3 } from "../geometry/vector";
import type { PixelBox } from "./crop";
import { pathInRoot } from "./pathInRoot";

/** What scene_gt_info.json says of an object in an image. */
export interface BopVisibility {
  /** Of the whole silhouette, hidden parts included; may reach beyond the image. Undefined where it has no pixel. */
  box?: PixelBox;
  /** Of what is seen. */
  visibleBox?: PixelBox;
  /** visib_fract: the share of the silhouette that is seen. */
  visibleShare: number;
  /** px_count_all, px_count_valid (those with a depth), px_count_visib. */
  pixels: number;
  validPixels: number;
  visiblePixels: number;
}

/** An object in an image. */
export interface BopInstance extends Partial<BopVisibility> {
  objectId: number;
  /** Its place in the image's list: the second number in the names of the masks. */
  index: number;
  /** Model → camera, metres; the rotation as published, which may be orthonormal to two digits only (LM-O). */
  pose: Pose;
}

/** An image of a scene. */
export interface BopImage {
  sceneId: number;
  imageId: number;
  intrinsics: Pick<Camera, "fx" | "fy" | "cx" | "cy">;
  /** Millimetres per step of the 16-bit depth image. */
  depthUnitMm: number;
  /** Empty where the data set keeps its ground truth to itself. */
  instances: BopInstance[];
}

/** LM-O's published rotations have columns whose squared lengths are off by up to 0.0094. */
const rotationTolerance = 0.02;

const vector = (where: string, value: unknown): Vector3 => jsonNumbers(where, value, 3) as unknown as Vector3;

/** [left, top, width, height] → box; [-1, -1, -1, -1] is none. */
function boxOf(where: string, value: unknown): PixelBox | undefined {
  const [left, top, width, height] = jsonNumbers(where, value, 4);
  return width > 0 && height > 0 ? { x1: left, y1: top, x2: left + width, y2: top + height } : undefined;
}

function visibilityOf(where: string, value: unknown): BopVisibility {
  const json = jsonObject(where, value);
  const share = jsonNumber(`${where}, visib_fract`, json.visib_fract);
  assertInput(share >= 0 && share <= 1, `${where}: visib_fract is ${share}, not in [0, 1]; take the original file`);
  return {
    box: boxOf(`${where}, bbox_obj`, json.bbox_obj),
    visibleBox: boxOf(`${where}, bbox_visib`, json.bbox_visib),
    visibleShare: share,
    pixels: jsonNatural(`${where}, px_count_all`, json.px_count_all),
    validPixels: jsonNatural(`${where}, px_count_valid`, json.px_count_valid),
    visiblePixels: jsonNatural(`${where}, px_count_visib`, json.px_count_visib),
  };
}

function instanceOf(where: string, value: unknown, index: number, info: unknown): BopInstance {
  const json = jsonObject(where, value);
  const rotation = jsonNumbers(`${where}, cam_R_m2c`, json.cam_R_m2c, 9) as unknown as Matrix3;
  assertRotation(`${where}, cam_R_m2c`, rotation, rotationTolerance);
  const translation = scale(vector(`${where}, cam_t_m2c`, json.cam_t_m2c), 1 / 1000);
  const visibility = info === undefined ? {} : visibilityOf(`${where} (scene_gt_info.json)`, info);
  return {
    objectId: jsonNatural(`${where}, obj_id`, json.obj_id),
    index,
    pose: { rotation, translation },
    ...visibility,
  };
}

function cameraOf(where: string, value: unknown): Pick<BopImage, "intrinsics" | "depthUnitMm"> {
  const json = jsonObject(where, value);
  const [fx, skew, cx, zero, fy, cy, ...last] = jsonNumbers(`${where}, cam_K`, json.cam_K, 9);
  assertInput(
    fx > 0 && fy > 0 && skew === 0 && zero === 0 && last.join() === "0,0,1",
    `${where}: cam_K is no camera matrix [fx, 0, cx, 0, fy, cy, 0, 0, 1]; take the original file`,
  );
  const depthUnitMm = json.depth_scale === undefined ? 1 : jsonNumber(`${where}, depth_scale`, json.depth_scale);
  assertInput(depthUnitMm > 0, `${where}: depth_scale is ${depthUnitMm}, not positive; take the original file`);
  return { intrinsics: { fx, fy, cx, cy }, depthUnitMm };
}

const whole = (where: string, key: string): number => {
  assertInput(
    /^\d{1,9}$/.test(key),
    `${where}: ${JSON.stringify(key)} is no number of an image; take the original file`,
  );
  return Number(key);
};

/**
 * The images of a scene by number, in ascending order: scene_camera.json, and where they are there scene_gt.json and
 * scene_gt_info.json. No image is opened.
 *
 * @param root the data set's folder
 * @param folder the scene's below it: "test/000002"
 * @throws InputError naming the file and the entry that is missing or is not what BOP's format says; a ground truth
 *   without camera; lists of unequal lengths in the two ground-truth files
 */
export function readBopScene(root: string, folder: string): Map<number, BopImage> {
  const sceneId = whole(`${root}, folder ${folder}`, basename(folder));
  const fileOf = (name: string): string => pathInRoot(root, folder, name);
  const optional = (name: string): JsonObject =>
    existsSync(fileOf(name)) ? readJsonObject("readBopScene", fileOf(name)) : {};
  const cameraPath = fileOf("scene_camera.json");
  const cameras = readJsonObject("readBopScene", cameraPath);
  const [truths, infos] = [optional("scene_gt.json"), optional("scene_gt_info.json")];
  const [truthPath, infoPath] = [fileOf("scene_gt.json"), fileOf("scene_gt_info.json")];
  for (const key of Object.keys(truths))
    assertInput(
      Object.hasOwn(cameras, key),
      `${truthPath}: image ${key} is not in scene_camera.json; take both files from one copy`,
    );

  const keys = Object.keys(cameras).sort((a, b) => Number(a) - Number(b));
  return new Map(
    keys.map((key) => {
      const imageId = whole(cameraPath, key);
      const truth = truths[key] === undefined ? [] : jsonList(`${truthPath}, image ${key}`, truths[key]);
      const info = infos[key] === undefined ? undefined : jsonList(`${infoPath}, image ${key}`, infos[key]);
      assertInput(
        info === undefined || info.length === truth.length,
        `${infoPath}: image ${key} has ${info?.length} objects, scene_gt.json ${truth.length}; take both files from one copy`,
      );
      const instances = truth.map((value, i) =>
        instanceOf(`${truthPath}, image ${key}, object ${i}`, value, i, info?.[i]),
      );
      return [imageId, { sceneId, imageId, ...cameraOf(`${cameraPath}, image ${key}`, cameras[key]), instances }];
    }),
  );
}
