/**
 * @file `posediff estimate-rgb`: pose and size of one object in one's own photo.
 */
import type { Command } from "commander";
import { ready } from "../backend";
import { assertInput } from "../check";
import { givenBox } from "../datasets/boxSource";
import { readCameraFile } from "../datasets/cameraFile";
import type { PixelBox } from "../datasets/crop";
import { depthGeometry, fixedGeometry, noGeometry } from "../datasets/depthGeometry";
import { depthFromGrey16 } from "../datasets/depthImage";
import type { ColorImage } from "../datasets/imageCrop";
import type { GeometryProvider } from "../datasets/monocularGeometry";
import { type BoxAggregation, meanBox, meanOfBestBoxes, modeOfBoxes } from "../estimation/boxAggregation";
import { readPhoto } from "../formats/photo";
import { readPng } from "../formats/png";
import type { OrientedBox } from "../geometry/box";
import { categories, type NocsCategory } from "../geometry/symmetry";
import { cocoDetector } from "../models/cocoDetector";
import { onnxGeometry } from "../models/onnxGeometry";
import { embeddedRgbCheckpoint, loadRgbEstimator } from "../papers/rgbEstimator";
import { loadRgbRanker } from "../papers/rgbRanker";
import type { PhotoView } from "../papers/rgbView";
import { scoreScalings } from "../samplers/scoreScaling";
import { named, oneOf } from "./named";
import { fixedNumbers, type PlainPose, plainPose, poseText } from "./plainPose";
import { wholeNumber } from "./wholeNumber";

interface EstimateRgbOptions {
  photo: string;
  camera: string;
  box?: string;
  category?: string;
  geometry?: string[];
  depth?: string;
  hypotheses: string;
  aggregate: string;
  scaling: string;
  seed: string;
  checkpoint: string;
  json?: boolean;
}

/** The mean of the best 60 % by the ranker that ships; of one use. */
function rankedMean(view: PhotoView): BoxAggregation {
  const ranker = loadRgbRanker();
  return (boxes) => {
    try {
      return meanOfBestBoxes(boxes, ranker.energies(view, boxes));
    } finally {
      ranker.dispose();
    }
  };
}

const aggregations: Readonly<Record<string, (view: PhotoView) => BoxAggregation>> = {
  mode: () => modeOfBoxes(),
  mean: () => meanBox,
  energy: rankedMean,
};

/** "x1,y1,x2,y2" */
function boxOf(text: string): PixelBox {
  const [x1, y1, x2, y2, ...more] = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  assertInput(
    [x1, y1, x2, y2].every(Number.isFinite) && more.length === 0,
    `estimate-rgb: --box is "${text}"; give x1,y1,x2,y2 in pixels of the photo, e.g. 210,140,380,300`,
  );
  return { x1, y1, x2, y2 };
}

/** What of the photo's geometry is known: by the reader's models, by a depth image, or nothing. */
async function providerOf({ geometry, depth }: EstimateRgbOptions, image: ColorImage): Promise<GeometryProvider> {
  assertInput(
    !(geometry && depth),
    "estimate-rgb: --geometry and --depth both tell the geometry; give one of them, or none",
  );
  if (geometry) return onnxGeometry(geometry);
  if (!depth) return noGeometry;
  const png = await readPng(depth);
  const { width, height } = image.camera;
  assertInput(
    png.width === width && png.height === height,
    `estimate-rgb: ${depth} has ${png.width} × ${png.height} pixels, the photo ${width} × ${height}; give a depth image that is aligned with the photo`,
  );
  return fixedGeometry(depthGeometry(depthFromGrey16(depth, png), image.camera));
}

/** The reader's box, or the detector's surest one (of the category, where one is given). */
async function objectIn(
  image: ColorImage,
  { box, category }: { box?: PixelBox; category?: NocsCategory },
): Promise<{ box: PixelBox; category?: NocsCategory }> {
  if (box) return givenBox(image, box, category);
  const detector = await cocoDetector();
  try {
    const found = (await detector.boxesOf(image)).filter((one) => !category || one.category === category);
    assertInput(
      found.length > 0,
      `estimate-rgb: the detector finds no ${category ?? "bottle, mug, bowl or laptop"} in the photo; give its box by --box x1,y1,x2,y2`,
    );
    return { box: found[0].box, category: category ?? found[0].category };
  } finally {
    detector.dispose();
  }
}

const plain = (box: OrientedBox): PlainPose & { size: number[] } => ({ ...plainPose(box), size: [...box.size] });

/** Read the photo, estimate, print. */
export async function estimateRgb(options: EstimateRgbOptions): Promise<void> {
  const hypotheses = wholeNumber("estimate-rgb", "hypotheses", options.hypotheses, 1);
  const seed = wholeNumber("estimate-rgb", "seed", options.seed);
  const aggregate = named("estimate-rgb", "aggregate", aggregations, options.aggregate);
  const scaling = named("estimate-rgb", "scaling", scoreScalings, options.scaling);
  const category =
    options.category === undefined ? undefined : oneOf("estimate-rgb", "category", categories, options.category);
  const drawn = options.box === undefined ? undefined : boxOf(options.box);
  const { rgb, width, height } = await readPhoto(options.photo);
  const image: ColorImage = { rgb, camera: readCameraFile(options.camera, { width, height }).camera };
  await ready();
  const estimator = loadRgbEstimator(options.checkpoint);
  try {
    const object = await objectIn(image, { box: drawn, category });
    const provider = await providerOf(options, image);
    const geometry = await provider.geometryOf(image);
    provider.dispose();
    const view: PhotoView = { ...image, ...object, geometry };
    const found = estimator.estimate(view, { hypotheses, seed, aggregate: aggregate(view), options: { scaling } });
    const result = {
      category: object.category ?? null,
      box: [object.box.x1, object.box.y1, object.box.x2, object.box.y2],
      ...plain(found.box),
      nfe: found.nfe,
      ms: Math.round(found.ms * 10) / 10,
      hypotheses: found.hypotheses.map(plain),
      ...(found.regression && { regression: plain(found.regression) }),
    };
    if (options.json) console.log(JSON.stringify(result));
    else {
      console.log(
        `${object.category ?? "unknown category"}, ${hypotheses} hypotheses, ${found.nfe} score calls, ${result.ms} ms`,
      );
      console.log(poseText(result));
      console.log(`size along the object's x, y, z, metres\n  ${fixedNumbers(result.size)}`);
    }
  } finally {
    estimator.dispose();
  }
}

export const command = (program: Command): void => {
  program
    .command("estimate-rgb")
    .description("pose and size of one object in your own photo (camera frame: x right, y down, z forward; metres)")
    .requiredOption("--photo <file>", "JPEG, PNG or WebP")
    .requiredOption("--camera <json>", "fx, fy, cx, cy, width, height of the photo, pixels")
    .option("--box <x1,y1,x2,y2>", "around the object, pixels of the photo; without it a COCO detector looks for one")
    .option("--category <name>", "bottle, bowl, camera, can, laptop or mug; without it: unknown, or the detector's")
    .option("--geometry <onnx...>", "monocular models for relative depth and normals, each with its card beside it")
    .option("--depth <png>", "instead of models: a depth image aligned with the photo (16 bit, millimetres)")
    .option("--hypotheses <K>", "poses to sample", "50")
    .option("--aggregate <name>", "mode (Mean Shift++), mean, or energy (mean of the best 60 % by the ranker)", "mode")
    .option("--scaling <name>", "score scaling: none, exponential, linear or constant", "none")
    .option("--seed <n>", "seed of the noise", "0")
    .option("--checkpoint <file>", "model of posediff train --network rgb", embeddedRgbCheckpoint)
    .option("--json", "print one JSON object")
    .action(estimateRgb);
};
