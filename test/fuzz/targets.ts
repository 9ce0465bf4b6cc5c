/** Every reader of files, with small files that it reads. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { zipSync } from "fflate";
import sharp from "sharp";
import { InputError } from "../../src/check";
import { openBop } from "../../src/datasets/bop";
import { readBopTargets } from "../../src/datasets/bopTargets";
import { readCameraFile } from "../../src/datasets/cameraFile";
import { captureSample } from "../../src/datasets/captureFolder";
import { readDeformnetLabels } from "../../src/datasets/deformnetLabels";
import { houseCatSamples } from "../../src/datasets/houseCat6d";
import { readMaskRcnn } from "../../src/datasets/maskRcnn";
import { readNocsFrame } from "../../src/datasets/nocs";
import { readNocsLabels } from "../../src/datasets/nocsLabels";
import { readNocsResults } from "../../src/datasets/nocsResults";
import { readOmni6dMeta, readOmni6dModels } from "../../src/datasets/omni6dMeta";
import { byteSource } from "../../src/formats/byteSource";
import { readExr } from "../../src/formats/exr";
import { type JsonObject, jsonObject } from "../../src/formats/jsonField";
import { encodeNpy, readNpy } from "../../src/formats/npy";
import { readObj } from "../../src/formats/obj";
import { readOnnxGraph } from "../../src/formats/onnxGraph";
import { readPhoto } from "../../src/formats/photo";
import { readPickle } from "../../src/formats/pickle";
import { readPly } from "../../src/formats/ply";
import { encodePng, readPng } from "../../src/formats/png";
import { readJson } from "../../src/formats/readJson";
import { readSafetensors, writeSafetensors } from "../../src/formats/safetensors";
import { openWeightFile } from "../../src/formats/weightFile";
import { openZip } from "../../src/formats/zip";
import { createParameters } from "../../src/models/params";
import { unetConfig } from "../../src/models/unet/unetConfig";
import { visionTransformerConfig } from "../../src/models/vit/visionTransformer";
import { readBopCsv } from "../../src/papers/benchmarks/bopCsv";
import { bopKind, bopReport, bopRow } from "../../src/papers/benchmarks/bopResults";
import { poseImages, posesKind, predictionRow, truthRow } from "../../src/papers/benchmarks/poseRows";
import { protocols } from "../../src/papers/benchmarks/protocols";
import { readResults, writeResults } from "../../src/papers/benchmarks/resultFile";
import { wholeShard } from "../../src/papers/benchmarks/shard";
import { Rng } from "../../src/random";
import { loadParameters, saveModel } from "../../src/training/checkpoint";
import { writeBop } from "../datasets/written/bop";
import { writtenExr } from "../datasets/written/exr";
import { writtenPickle } from "../datasets/written/pickle";
import { houseCatCamera, size, truth, writeHouseCat, writeOmni6d } from "../datasets/written/sets";
import { patchModel } from "../models/onnxModel";

/** A reader and what it reads. */
export interface FuzzTarget {
  name: string;
  /** Valid files. */
  seeds: Uint8Array[];
  /** Where a damaged file is put, and what is then read. */
  file: string;
  read: (path: string) => unknown;
}

const fixtures = join(__dirname, "../fixtures/formats");
const fixture = (...path: string[]): Uint8Array => readFileSync(join(fixtures, ...path));

function plySeeds(): Uint8Array[] {
  const header = (format: string): string =>
    `ply\nformat ${format} 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\nproperty uchar red\nproperty uchar green\nproperty uchar blue\nelement face 1\nproperty list uchar int vertex_indices\nend_header\n`;
  const ascii = Buffer.from(`${header("ascii")}0 0 0 1 2 3\n1 0 0 4 5 6\n0 1 0.5 7 8 9\n3 0 1 2\n`);
  const binary = Buffer.alloc(3 * 15 + 13);
  for (let i = 0; i < 3; i++) binary.writeFloatLE(i / 2, 15 * i + 4 * i);
  binary[45] = 3;
  [0, 1, 2].forEach((v, i) => {
    binary.writeInt32LE(v, 46 + 4 * i);
  });
  return [ascii, Buffer.concat([Buffer.from(header("binary_little_endian")), binary])];
}

const image = { width: 12, height: 9 };

/** What makes figures of values that were read may refuse them, without the file's name, but not break. */
function orRefused(compute: () => unknown): void {
  try {
    compute();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
}

/** All readers; writes the small data sets that some of them need. */
export async function fuzzTargets(): Promise<FuzzTarget[]> {
  const root = mkdtempSync(join(tmpdir(), "posediff-fuzz-"));
  const place = (name: string): string => {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  };
  const targets: FuzzTarget[] = [];
  const add = (name: string, file: string, seeds: Uint8Array[], read: (path: string) => unknown): void => {
    targets.push({ name, file: place(file), seeds, read });
  };
  const text = (value: unknown): Uint8Array => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
  const grey = (data: Uint8Array | Uint16Array): Promise<Uint8Array> => encodePng({ ...image, channels: 1, data });
  const pixels = image.width * image.height;

  const f4 = { dtype: "float32", shape: [3, 4], data: Float32Array.from({ length: 12 }, (_, i) => i) };
  const u2 = { dtype: "uint16", shape: [9, 12], data: new Uint16Array(pixels) };
  add("npy", "a.npy", [encodeNpy(f4), encodeNpy(u2)], readNpy);

  const pickles = readdirSync(join(fixtures, "pickles")).filter((name) => name.endsWith(".pkl"));
  const bad = readdirSync(join(fixtures, "pickles/bad")).filter((name) => name.endsWith(".pkl"));
  const evil = bad.map((name) => fixture("pickles/bad", name));
  add("pickle", "a.pkl", [...pickles.map((name) => fixture("pickles", name)), ...evil], readPickle);

  const rgb = await encodePng({ ...image, channels: 3, data: new Uint8Array(3 * pixels).fill(77) });
  add(
    "png",
    "a.png",
    [rgb, await grey(new Uint16Array(pixels).fill(700)), await grey(new Uint8Array(pixels))],
    readPng,
  );
  const jpeg = await sharp(Buffer.from(rgb)).jpeg().toBuffer();
  add("photo", "a.jpg", [jpeg, await sharp(Buffer.from(rgb)).webp().toBuffer(), rgb], readPhoto);

  const exr = ["none", "rle", "zips", "zip", "piz", "pxr24", "tiled"].map((name) => fixture("exr", `${name}.exr`));
  add("exr", "a.exr", [...exr, writtenExr(4, 20, { V: new Float32Array(80).fill(0.5) }, "ZIP")], readExr);
  add("ply", "a.ply", plySeeds(), readPly);
  add(
    "obj",
    "a.obj",
    [text("# a\nv 0 0 0 1 1 1\nv 1 0 0 1 1 0\nv 0 1 0 0 0 0\nvn 0 0 1\nf 1//1 2//1 3//1\nf -1 -2 -3\n")],
    readObj,
  );

  const tensors = writeSafetensors(new Map([["a", { shape: [2, 3], data: new Float32Array(6) }], ["b", { shape: [2], data: new Int32Array(2) }]]), { k: "v" }); // biome-ignore format: a file
  const refused = ["overlapping", "shape_mismatch", "beyond_end"].map((name) => fixture(`${name}.safetensors`));
  add("safetensors", "a.safetensors", [tensors, ...refused], (path) => readSafetensors(path));
  const checkpoints = [
    fixture("pickles/pth/unusual_tensors.pth"),
    fixture("pickles/pth/cuda_location.pth"),
    fixture("resnet34-tv/stem_layer1.legacy-format.pth"),
    ...["short_storage", "missing_storage", "os_system"].map((name) => fixture(`pickles/bad/${name}.pth`)),
  ];
  add("PyTorch", "a.pth", [...checkpoints, tensors], (path) => {
    for (const tensor of openWeightFile(path).tensors.values()) tensor.read();
  });
  const zip = zipSync({ "a/b.txt": text("hello ".repeat(50)), "c.bin": [new Uint8Array(40), { level: 0 }] });
  add("zip", "a.zip", [zip], (path) => {
    for (const member of openZip("openZip", byteSource("openZip", path)).values()) member.read();
  });
  const onnx = patchModel(4, 2, new Float32Array(2 * 3 * 4));
  add("onnx", "a.onnx", [onnx], (path) => readOnnxGraph(readFileSync(path), path));

  add("json", "a.json", [text({ a: [1, 2, { b: null }] })], (path) => readJson("readJson", path));
  const camera = { fx: 100, fy: 100, cx: 6, cy: 4.5, ...image, depth_scale: 1 };
  const matrix = { intrinsics: [[100, 0, 6], [0, 100, 4.5], [0, 0, 1]], depth_unit: "millimetre" }; // biome-ignore format: rows
  add("camera.json", "camera.json", [text(camera), text(matrix)], (path) => readCameraFile(path, image));

  await writeBop(join(root, "bop"));
  const bopFile = (file: string, read: () => unknown): void =>
    add(`BOP ${file}`, `bop/${file}`, [readFileSync(join(root, "bop", file))], read);
  const bop = (): ReturnType<typeof openBop> => openBop(join(root, "bop"), { split: "test_primesense" });
  for (const file of ["scene_camera.json", "scene_gt.json", "scene_gt_info.json"])
    bopFile(`test_primesense/000007/${file}`, () => bop().scene(7));
  bopFile("models/models_info.json", bop);
  bopFile("test_targets_bop19.json", () => readBopTargets(join(root, "bop")));

  await writeOmni6d(join(root, "omni6d"));
  const meta = "omni6d/ROPE/000001/000000_meta.json";
  const models = readOmni6dModels(join(root, "omni6d"));
  add("Omni6DPose frame", meta, [readFileSync(join(root, meta))], (path) => readOmni6dMeta(path, models));
  const table = "omni6d/Meta/real_obj_meta.json";
  add("Omni6DPose objects", table, [readFileSync(join(root, table))], () => readOmni6dModels(join(root, "omni6d")));

  await writeHouseCat(join(root, "housecat"));
  for (const file of ["labels/000000_label.pkl", "intrinsics.txt"]) {
    const path = `housecat/scene01/${file}`;
    add(`HouseCat6D ${file}`, path, [readFileSync(join(root, path))], () =>
      houseCatSamples(join(root, "housecat"), "scene01", "000000"),
    );
  }
  const { width, height } = houseCatCamera;
  const labels = ["results_p2.pkl", "results_p5.pkl", "results_py2_latin1.pkl"].map((name) => fixture("pickles", name));
  add("NOCS labels", "labels.pkl", labels, readNocsLabels);
  const genpose = ["genpose_result_p2.pkl", "genpose_result_p4.pkl"].map((name) => fixture("result-pickles", name));
  add("NOCS results", "results.pkl", [...genpose, fixture("pickles", "list_p4.pkl")], readNocsResults);
  const deformnet = ["deformnet_label_p2.pkl", "deformnet_label_p4.pkl"].map((name) => fixture("result-pickles", name));
  add("object-deformnet labels", "0000_label.pkl", deformnet, readDeformnetLabels);
  const masks = {
    dtype: "b1" as const,
    shape: [height, width, 1],
    values: new Uint8Array(width * height).fill(1, 0, 99),
  };
  const result = { class_ids: [6], scores: [0.5], rois: [[1, 2, 3, 4]], masks };
  add("Mask R-CNN", "mrcnn.pkl", [writtenPickle(result)], (path) => readMaskRcnn(path, houseCatCamera));

  const frame = "nocs/real_train/scene_1/0000";
  const wide = { width: 640, height: 480, channels: 1 as const };
  writeFileSync(place(`${frame}_depth.png`), await encodePng({ ...wide, data: new Uint16Array(640 * 480).fill(800) }));
  writeFileSync(place(`${frame}_mask.png`), await encodePng({ ...wide, data: new Uint8Array(640 * 480).fill(1) }));
  writeFileSync(place("nocs/obj_models/real_train/mug_a_norm.txt"), "0.1\n0.1\n0.1\n");
  add("NOCS meta.txt", `${frame}_meta.txt`, [text("1 6 mug_a_norm\n2 0 thing\n")], () =>
    readNocsFrame(join(root, "nocs"), "real_train", "scene_1/0000"),
  );

  writeFileSync(place("captures/mug/camera.json"), text(camera));
  writeFileSync(place("captures/mug/depth.png"), await grey(new Uint16Array(pixels).fill(700)));
  writeFileSync(place("captures/mug/mask.png"), await grey(new Uint8Array(pixels).fill(1, 0, 60)));
  for (const file of ["camera.json", "depth.png", "mask.png"])
    add(`captures ${file}`, `captures/mug/${file}`, [readFileSync(join(root, "captures/mug", file))], () =>
      captureSample(join(root, "captures"), "mug", "."),
    );

  const csv =
    "scene_id,im_id,obj_id,score,R,t,time\n2,3,1,0.5,1 0 0 0 1 0 0 0 1,10 -20 700,0.1\n2,4,5,-1e-3,0 -1 0 1 0 0 0 0 1,1 2 3,-1\n";
  add("BOP csv", "results.csv", [text(csv)], readBopCsv);
  const rows = (kind: string, contents: readonly JsonObject[]): Uint8Array => {
    const path = place("written.jsonl");
    const writer = writeResults(path, { kind, settings: { dataset: "real275", seed: 3 }, shard: wholeShard });
    contents.forEach((row, i) => {
      writer.write({ at: i >> 1, image: `scene_1/${i >> 1}`, row });
    });
    writer.miss("scene_1/0009");
    writer.end();
    return readFileSync(path);
  };
  const object = { object: "scene_1/0#1", category: "mug", pose: truth, size };
  const energies = { rotation: [0.5], translation: [0.25] };
  const found = { ...object, score: 0.5, pixelBox: [1, 2, 3, 4] as const, hypotheses: [truth], energies };
  const poses = rows(posesKind, [
    truthRow({ ...object, handleVisible: true, symmetry: "y-cone", pixelBox: [1, 2, 3, 4] }),
    predictionRow(found),
  ]);
  add("results of poses", "poses.jsonl", [poses], (path) => {
    const { rows: read, fileOf } = readResults([path]);
    const images = poseImages(read, fileOf);
    orRefused(() => protocols.nocs(images));
  });
  const errors = { mssd: 0.1, mspd: 4, vsd: new Array<number>(10).fill(0.4), vsd20mm: 0.3 };
  const group = { objectId: 5, asked: 1, visibleShares: [0.9], estimates: [{ score: 0.5, errors: [errors] }] };
  add("results of BOP", "bop.jsonl", [rows(bopKind, [bopRow(group)])], (path) => bopReport(readResults([path])));

  const parameters = createParameters([{ name: "w", shape: [2, 3], initial: () => new Float32Array(6) }], new Rng(1));
  const card = { network: "joint", preset: "small", scores: { command: "a", methods: [] } };
  saveModel(place("model.safetensors"), parameters, parameters.values, card);
  add("model", "model.safetensors", [readFileSync(place("model.safetensors"))], (path) =>
    loadParameters(parameters, path),
  );
  const configs = ["sd-tiny", "sd2-tiny", "sd-tiny-current"].map((name) => fixture(name, "unet", "config.json"));
  add("UNet config.json", "unet.json", configs, (path) => unetConfig(jsonObject(path, readJson("unet", path)), path));
  const transformers = ["dinov2", "clip-vision"].map((name) => fixture("vit-tiny", name, "config.json"));
  add("ViT config.json", "vit.json", transformers, (path) =>
    visionTransformerConfig(jsonObject(path, readJson("vit", path)), path),
  );
  return targets;
}
