/** Small data sets in the formats of the big ones: one file each that a reader would open, and no pixel more. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { encodePng, type PngImage } from "../../../src/formats/png";
import { backProject, type Camera, camera25Camera, real275Camera } from "../../../src/geometry/camera";
import { invert, type Pose, transformPoint } from "../../../src/geometry/pose";
import { quaternionWxyzOf, rotationFromAxisAngle } from "../../../src/geometry/rotation";
import { matrix4OfSimilarity } from "../../../src/geometry/similarity";
import type { Vector3 } from "../../../src/geometry/vector";
import { writtenExr } from "./exr";
import { writtenPickle } from "./pickle";

export function put(root: string, name: string, content: string | Uint8Array): void {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

export const putPng = async (root: string, name: string, image: PngImage): Promise<void> =>
  put(root, name, await encodePng(image));

/** The object of all sets: a block of these extents in this pose. */
export const size: Vector3 = [0.12, 0.1, 0.08];
export const truth: Pose = { rotation: rotationFromAxisAngle([0.4, -0.7, 0.8]), translation: [0.02, -0.01, 0.6] };

/** Depth (mm) and mask of the object: a wavy surface inside its box. */
export function objectMaps(camera: Camera): { depthMm: Uint16Array; mask: Uint8Array } {
  const { width, height } = camera;
  const [depthMm, mask] = [new Uint16Array(width * height), new Uint8Array(width * height)];
  const inverse = invert(truth);
  for (let i = 0; i < depthMm.length; i++) {
    const [u, v] = [i % width, Math.floor(i / width)];
    depthMm[i] = Math.round(600 + 20 * Math.sin(u / 9) * Math.cos(v / 11));
    const local = transformPoint(inverse, backProject(camera, u, v, depthMm[i] / 1000));
    mask[i] = Number(local.every((x, axis) => Math.abs(x) < size[axis] / 2));
  }
  return { depthMm, mask };
}

const rgbOf = ({ width, height }: Camera): PngImage => ({
  width,
  height,
  channels: 3,
  data: Uint8Array.from({ length: 3 * width * height }, (_, i) => i % 251),
});

export const houseCatCamera: Camera = { fx: 140, fy: 141, cx: 68, cy: 53, width: 137, height: 106 };

/** scene01 with frames 000000 and 000002 (000001 has no depth), a bottle of instance 2. */
export async function writeHouseCat(root: string): Promise<void> {
  const { width, height, fx, fy, cx, cy } = houseCatCamera;
  const { depthMm, mask } = objectMaps(houseCatCamera);
  put(root, "scene01/intrinsics.txt", `${fx} 0 ${cx}\n0 ${fy} ${cy}\n0 0 1\n`);
  put(root, "scene01/meta.txt", "2 2 bottle-a\n");
  const label = writtenPickle({
    class_ids: [2, 1],
    instance_ids: [2, 7],
    bboxes: { dtype: "i4", shape: [2, 4], values: [1, 2, 30, 40, 0, 0, 1, 1] },
    rotations: [truth.rotation, truth.rotation].map((r) => ({ dtype: "f8", shape: [3, 3], values: r })),
    translations: { dtype: "f8", shape: [2, 3], values: [...truth.translation, 0, 0, 1] },
    gt_scales: { dtype: "f8", shape: [2, 3], values: [...size, ...size] },
  });
  for (const frame of ["000000", "000001", "000002"]) {
    await putPng(root, `scene01/rgb/${frame}.png`, rgbOf(houseCatCamera));
    if (frame !== "000001")
      await putPng(root, `scene01/depth/${frame}.png`, { width, height, channels: 1, data: depthMm });
    await putPng(root, `scene01/instance/${frame}.png`, { width, height, channels: 1, data: mask.map((m) => 2 * m) });
    put(root, `scene01/labels/${frame}_label.pkl`, label);
  }
}

export const omni6dCamera: Camera = { fx: 150, fy: 150, cx: 80, cy: 60, width: 160, height: 120 };

/** ROPE/000001/000000 and SOPE/patch0/train/kitchen/000000/0000: a teapot of mask number 3, an invalid bowl of 4. */
export async function writeOmni6d(root: string): Promise<void> {
  const { width, height } = omni6dCamera;
  const { depthMm, mask } = objectMaps(omni6dCamera);
  const ids = Array.from(mask, (m, i) => (i < 20 ? 4 : 3 * m) / 255);
  const depth = Array.from(depthMm, (mm) => mm / 1000);
  const object = (meta: object): object => ({
    meta: { class_label: 1, instance_path: "", is_background: false, ...meta },
    quaternion_wxyz: quaternionWxyzOf(truth.rotation),
    translation: truth.translation,
    is_valid: true,
  });
  const teapot = object({ oid: "real-teapot-1", class_name: "teapot", scale: [2, 2, 2] });
  const bowl = {
    ...object({ oid: "real-bowl-1", class_name: "bowl", scale: [1, 1, 1], bbox_side_len: [0.1, 0.1, 0.1] }),
    is_valid: false,
  };
  // intrinsics of the double size, as SOPE has them
  const intrinsics = Object.fromEntries(Object.entries(omni6dCamera).map(([key, value]) => [key, 2 * value]));
  const meta = JSON.stringify({
    objects: { "3_real-teapot-1": teapot, "4_real-bowl-1": bowl },
    camera: { intrinsics },
  });
  for (const prefix of ["ROPE/000001/000000", "SOPE/patch0/train/kitchen/000000/0000"]) {
    put(root, `${prefix}_meta.json`, meta);
    put(root, `${prefix}_depth.exr`, writtenExr(width, height, { V: depth }, "ZIP"));
    put(root, `${prefix}_mask.exr`, writtenExr(width, height, { B: ids.map(() => 0), G: ids.map(() => 0), R: ids }));
    await putPng(root, `${prefix}_color.png`, rgbOf(omni6dCamera));
  }
  put(root, "ROPE/000001/000001_color.png", "no more than this");
  const symmetry = { any: false, x: "none", y: "half", z: "none" };
  const entry = { class_name: "teapot", dimensions: size.map((s) => s / 2), tag: { symmetry } };
  put(root, "Meta/real_obj_meta.json", JSON.stringify({ class_list: [], instance_dict: { "real-teapot-1": entry } }));
}

/**
 * real_test/scene_1/0001 (0000 is a gap) with a pickle in gts, and CAMERA/val/00003/0000 in the layout of
 * object-deformnet with three-channel depth: a mug of instance 1.
 */
export async function writeNocs(root: string): Promise<void> {
  const frame = async (name: string, camera: Camera, threeChannels: boolean): Promise<void> => {
    const { width, height } = camera;
    const { depthMm, mask } = objectMaps(camera);
    const inverse = invert(truth);
    const diagonal = Math.hypot(...size);
    const coord = new Uint8Array(3 * width * height).fill(255);
    mask.forEach((on, i) => {
      if (!on) return;
      const local = transformPoint(inverse, backProject(camera, i % width, Math.floor(i / width), depthMm[i] / 1000));
      const [x, y, z] = local.map((value) => value / diagonal + 0.5);
      coord.set([255 * x, 255 * y, 255 * (1 - z)].map(Math.round), 3 * i);
    });
    const depth = (): PngImage => {
      if (!threeChannels) return { width, height, channels: 1, data: depthMm };
      const data = new Uint8Array(3 * depthMm.length);
      depthMm.forEach((mm, i) => {
        data.set([mm & 255, mm >> 8, 0], 3 * i);
      });
      return { width, height, channels: 3, data };
    };
    await putPng(root, `${name}_depth.png`, depth());
    await putPng(root, `${name}_mask.png`, { width, height, channels: 1, data: mask.map((on) => (on ? 1 : 255)) });
    await putPng(root, `${name}_coord.png`, { width, height, channels: 3, data: coord });
    await putPng(root, `${name}_color.png`, rgbOf(camera));
    put(root, `${name}_meta.txt`, threeChannels ? "1 6 03797390 mug_a\n" : "1 6 mug_a_norm\n");
  };
  await frame("real_test/scene_1/0001", real275Camera, false);
  await frame("CAMERA/val/00003/0000", camera25Camera, true);
  const scale = Math.hypot(...size);
  const matrix = matrix4OfSimilarity({ scale, ...truth });
  const label = writtenPickle({
    gt_class_ids: { dtype: "i4", shape: [1], values: [6] },
    gt_bboxes: { dtype: "i4", shape: [1, 4], values: [1, 2, 3, 4] },
    gt_RTs: { dtype: "f8", shape: [1, 4, 4], values: matrix },
    gt_scales: { dtype: "f8", shape: [1, 3], values: size.map((s) => s / scale) },
    gt_handle_visibility: { dtype: "i4", shape: [1], values: [0] },
  });
  put(root, "gts/real_test/results_real_test_scene_1_0001.pkl", label);
  put(root, "gts/val/results_val_00003_0000.pkl", label);
}
