/** A small data set in BOP's format: two objects, two images, the first without files. */
import { encodePng } from "../../../src/formats/png";
import { rotationFromAxisAngle } from "../../../src/geometry/rotation";
import { put } from "./sets";

export const [width, height] = [64, 48];

/** A cuboid of 40 × 60 × 80 mm whose centre is (5, 0, 0) mm. */
const corners = [-1, 1].flatMap((x) => [-1, 1].flatMap((y) => [-1, 1].map((z) => [5 + 20 * x, 30 * y, 40 * z])));
const faces = [
  [0, 1, 3, 2],
  [4, 6, 7, 5],
  [0, 4, 5, 1],
  [2, 3, 7, 6],
  [0, 2, 6, 4],
  [1, 5, 7, 3],
];
const ply = `ply\nformat ascii 1.0\nelement vertex 8\nproperty float x\nproperty float y\nproperty float z\nelement face 6\nproperty list uchar int vertex_indices\nend_header\n${corners.map((c) => c.join(" ")).join("\n")}\n${faces.map((f) => `4 ${f.join(" ")}`).join("\n")}\n`;

const info = { diameter: 107.7, min_x: -15, min_y: -30, min_z: -40, size_x: 40, size_y: 60, size_z: 80 };
export const scene = "test_primesense/000007";
export const camera = { cam_K: [80, 0, 31.5, 0, 80, 23.5, 0, 0, 1], depth_scale: 0.1 };
export const truth = [
  { obj_id: 3, cam_R_m2c: [...rotationFromAxisAngle([0.3, 0.2, 0.1])], cam_t_m2c: [-40, 0, 400] },
  { obj_id: 19, cam_R_m2c: [1, 0, 0, 0, 1, 0, 0, 0, 1], cam_t_m2c: [60, 10, 500] },
];
export const visibility = (visib_fract: number) => ({ bbox_obj: [1, 2, 10, 20], bbox_visib: visib_fract ? [1, 2, 5, 20] : [-1, -1, -1, -1], px_count_all: 200, px_count_valid: 190, px_count_visib: 200 * visib_fract, visib_fract }); // biome-ignore format: as the file has it

/** Writes test_primesense/000007 (images 2 and 10), models/ and test_targets_bop19.json. */
export async function writeBop(root: string): Promise<void> {
  put(root, "models/obj_000003.ply", ply);
  put(root, "models/obj_000019.ply", ply);
  const continuous = { symmetries_continuous: [{ axis: [0, 0, 1], offset: [5, 0, 0] }] };
  const discrete = { symmetries_discrete: [[-1, 0, 0, 10, 0, -1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]] };
  put(root, "models/models_info.json", JSON.stringify({ 3: { ...info, ...discrete }, 19: { ...info, ...continuous } }));
  put(root, `${scene}/scene_camera.json`, JSON.stringify({ 2: camera, 10: camera }));
  put(root, `${scene}/scene_gt.json`, JSON.stringify({ 10: truth, 2: [truth[1]] }));
  put(
    root,
    `${scene}/scene_gt_info.json`,
    JSON.stringify({ 10: [visibility(0.5), visibility(0.05)], 2: [visibility(0)] }),
  );
  put(root, "test_targets_bop19.json", JSON.stringify([{ im_id: 10, inst_count: 1, obj_id: 3, scene_id: 7 }]));
  const rgb = Uint8Array.from({ length: 3 * width * height }, (_, i) => i % 251);
  put(root, `${scene}/rgb/000010.png`, await encodePng({ width, height, channels: 3, data: rgb }));
  const depth = new Uint16Array(width * height).fill(5000); // 0.1 mm steps
  put(root, `${scene}/depth/000010.png`, await encodePng({ width, height, channels: 1, data: depth }));
  for (const index of [0, 1]) {
    const mask = new Uint8Array(width * height).fill(0).fill(255, 100 * (index + 1), 100 * (index + 1) + 60);
    put(
      root,
      `${scene}/mask_visib/000010_00000${index}.png`,
      await encodePng({ width, height, channels: 1, data: mask }),
    );
  }
}
