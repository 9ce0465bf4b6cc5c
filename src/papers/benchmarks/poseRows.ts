/**
 * @file Rows of results of kind "poses": what is true of an object in an image, or what a method predicts of one.
 */
import { assertInput, assertRotation, unlessRefused } from "../../check";
import { type JsonObject, jsonList, jsonNumber, jsonNumbers, jsonObject, jsonText } from "../../formats/jsonField";
import type { Pose } from "../../geometry/pose";
import { axisOfSymmetry, type ObjectSymmetry } from "../../geometry/symmetryGroup";
import type { Matrix3, Vector3 } from "../../geometry/vector";
import type { PixelBox } from "../../metrics/pixelBoxIou";
import { placeOf, type ResultRow } from "./resultFile";

/** The kind of these results. */
export const posesKind = "poses";

/** An object that is there; metres, camera frame. */
export interface TrueObjectRow {
  /** Names it within its data set; a prediction of the same name was made of its own pixels. */
  object: string;
  category: string;
  pose: Pose;
  size: Vector3;
  /** Only asked for mugs; true where left out. */
  handleVisible?: boolean;
  /** Only Omni6DPose's data say it. */
  symmetry?: ObjectSymmetry;
  /** Pose and size are no ground truth of the data set's: they were fitted to the image. */
  fitted?: boolean;
  /** First and last pixel: x₁, y₁, x₂, y₂. */
  pixelBox?: PixelBox;
}

/** An object that a method says is there. */
export interface PredictedObjectRow {
  /** The true object whose pixels were given; undefined where a detector found it. */
  object?: string;
  category: string;
  score: number;
  pose: Pose;
  size: Vector3;
  pixelBox?: PixelBox;
  /** K hypotheses and their energies, where they were sampled and ranked (GenPose). */
  hypotheses?: Pose[];
  energies?: { rotation: number[]; translation: number[] };
}

/** A prediction as it is judged: what a method says may be no pose or size, and counts as wrong then. */
export interface JudgedPrediction extends Omit<PredictedObjectRow, "pose" | "size" | "hypotheses"> {
  pose: Pose | undefined;
  size: Vector3 | undefined;
  hypotheses?: (Pose | undefined)[];
  /** Why the first of them is undefined. */
  unusable?: string;
}

/** One image of an evaluation. */
export interface PoseImage {
  /** Names it in errors, with the file of its rows where there is one. */
  image: string;
  truths: TrueObjectRow[];
  predictions: JudgedPrediction[];
}

const numbersOf = ({ rotation, translation }: Pose): number[] => [...rotation, ...translation];

/** A row of a true object. */
export const truthRow = ({ pose, ...truth }: TrueObjectRow): JsonObject => ({
  truth: { ...truth, pose: numbersOf(pose) },
});

/** A row of a prediction. */
export const predictionRow = ({ pose, hypotheses, ...prediction }: PredictedObjectRow): JsonObject => ({
  prediction: { ...prediction, pose: numbersOf(pose), ...(hypotheses && { hypotheses: hypotheses.map(numbersOf) }) },
});

function poseOf(where: string, value: unknown): Pose {
  const n = jsonNumbers(where, value, 12);
  assertRotation(where, n.slice(0, 9), 1e-3);
  return { rotation: n.slice(0, 9) as unknown as Matrix3, translation: [n[9], n[10], n[11]] };
}

function sizeOf(where: string, value: unknown): Vector3 {
  const size = jsonNumbers(where, value, 3) as unknown as Vector3;
  assertInput(
    size[0] > 0 && size[1] > 0 && size[2] > 0,
    `${where}: it is ${size.join(" × ")}; every extent must be positive metres`,
  );
  return size;
}

const optional = <T>(value: unknown, read: (value: unknown) => T): T | undefined =>
  value === undefined ? undefined : read(value);

const boxOf = (where: string, value: unknown): PixelBox => jsonNumbers(where, value, 4) as unknown as PixelBox;

function symmetryOf(where: string, value: unknown): ObjectSymmetry {
  const name = jsonText(where, value) as ObjectSymmetry;
  assertInput(
    ["none", "any", "box", "cube"].includes(name) || axisOfSymmetry(name),
    `${where}: "${name}" is no symmetry; use none, any, box, cube or x-, y-, z- with flip, square-pyramid, square-tube, cone or cylinder`,
  );
  return name;
}

function truthOf(where: string, json: JsonObject): TrueObjectRow {
  assertInput(
    json.handleVisible === undefined || typeof json.handleVisible === "boolean",
    `${where}, handleVisible: expected true or false; evaluate that shard again`,
  );
  return {
    object: jsonText(`${where}, object`, json.object),
    category: jsonText(`${where}, category`, json.category),
    pose: poseOf(`${where}, pose`, json.pose),
    size: sizeOf(`${where}, size`, json.size),
    handleVisible: json.handleVisible,
    fitted: json.fitted === true || undefined,
    symmetry: optional(json.symmetry, (value) => symmetryOf(`${where}, symmetry`, value)),
    pixelBox: optional(json.pixelBox, (value) => boxOf(`${where}, pixelBox`, value)),
  };
}

/** Numbers that a network said: null, where JSON has no word for them, is NaN. */
function saidNumbers(where: string, value: unknown, length: number): number[] {
  const list = jsonList(where, value);
  const numbers = list.map((x) => (x === null ? Number.NaN : x));
  assertInput(
    list.length === length && numbers.every((x) => typeof x === "number"),
    `${where}: expected ${length} numbers; evaluate that shard again`,
  );
  return numbers as number[];
}

function predictionOf(where: string, image: string, json: JsonObject): JudgedPrediction {
  let unusable: string | undefined;
  const said = <T>(key: string, value: unknown, length: number, read: (where: string, value: unknown) => T) => {
    const numbers = saidNumbers(`${where}, ${key}`, value, length);
    return unlessRefused(
      () => read(`${image}, ${key}`, numbers),
      (why) => {
        unusable ??= why;
      },
    );
  };
  const pose = said("pose", json.pose, 12, poseOf);
  const size = said("size", json.size, 3, sizeOf);
  const hypotheses = optional(json.hypotheses, (value) =>
    jsonList(`${where}, hypotheses`, value).map((one) => said("hypotheses", one, 12, poseOf)),
  );
  const energies = optional(json.energies, (value) => {
    const lists = jsonObject(`${where}, energies`, value);
    const each = (key: string): number[] =>
      saidNumbers(`${where}, energies, ${key}`, lists[key], hypotheses?.length ?? 0);
    return { rotation: each("rotation"), translation: each("translation") };
  });
  return {
    object: optional(json.object, (value) => jsonText(`${where}, object`, value)),
    category: jsonText(`${where}, category`, json.category),
    score: jsonNumber(`${where}, score`, json.score),
    pose,
    size,
    pixelBox: optional(json.pixelBox, (value) => boxOf(`${where}, pixelBox`, value)),
    hypotheses,
    energies,
    unusable,
  };
}

/**
 * The rows gathered by image, in their order.
 *
 * @param fileOf names the file of an image in errors
 * @throws InputError naming image and entry for what is no score or symmetry, or no true pose or size (a prediction keeps
 *   its place and says why it is none), and for one object that is there twice in an image
 */
export function poseImages(rows: readonly ResultRow[], fileOf?: (at: number) => string): PoseImage[] {
  const images: PoseImage[] = [];
  let [at, first] = [-1, ""];
  for (const resultRow of rows) {
    const { at: place, image, row } = resultRow;
    const where = placeOf(resultRow, fileOf);
    if (place !== at) {
      images.push({ image: where, truths: [], predictions: [] });
      [at, first] = [place, image];
    }
    const { truths, predictions } = images[images.length - 1];
    assertInput(image === first, `${where}: place ${place} is ${first} too; merge the shards of one run`);
    if (row.truth !== undefined) {
      const truth = truthOf(where, jsonObject(where, row.truth));
      assertInput(
        !truths.some(({ object }) => object === truth.object),
        `${where}: ${truth.object} is there twice; evaluate that shard again`,
      );
      truths.push(truth);
    } else predictions.push(predictionOf(where, image, jsonObject(`${where}, prediction`, row.prediction)));
  }
  return images;
}
