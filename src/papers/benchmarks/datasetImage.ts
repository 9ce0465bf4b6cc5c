/**
 * @file One frame of a data set as an evaluation sees it: what is there, and whose pixels a network is given.
 */
import { basename } from "node:path";
import type { FrameReader } from "../../datasets/catalogue";
import { boxOfMask, type PixelBox as PixelWindow } from "../../datasets/crop";
import { maskRcnnSamples, readMaskRcnn } from "../../datasets/maskRcnn";
import { type NocsSplit, readNocsFrame } from "../../datasets/nocs";
import { nocsSamples } from "../../datasets/nocsSamples";
import { pathInRoot } from "../../datasets/pathInRoot";
import type { PosedSample, Sample } from "../../datasets/sample";
import type { PixelBox } from "../../metrics/pixelBoxIou";
import { truthRows } from "./nocsRows";
import type { TrueObjectRow } from "./poseRows";

/** Pixels of an object, and how sure the detector is of them. */
export interface GivenObject {
  sample: Sample<string>;
  score: number;
  pixelBox?: PixelBox;
  /** The true object whose mask it is; undefined for a detector's. */
  object?: string;
}

/** A frame. */
export interface DatasetImage {
  truths: TrueObjectRow[];
  given: GivenObject[];
}

const corners = ({ x1, y1, x2, y2 }: PixelWindow): PixelBox => [x1, y1, x2, y2];

/** Around the mask's pixels, as NOCS's own boxes: the end lies one beyond the last. Undefined for an empty mask. */
const around = ({ mask, camera }: Sample<string>): PixelBox | undefined =>
  mask.some((value) => value > 0) ? corners(boxOfMask(mask, camera)) : undefined;

function truthOf(sample: PosedSample<string>): TrueObjectRow {
  const { id, category, pose, size, handleVisible, symmetry } = sample;
  return { object: id, category, pose, size, handleVisible, symmetry, pixelBox: around(sample) };
}

const isPosed = (sample: Sample<string>): sample is PosedSample<string> =>
  sample.pose !== undefined && sample.size !== undefined;

const givenOf = (sample: Sample<string>): GivenObject => ({
  sample,
  score: 1,
  pixelBox: around(sample),
  object: sample.id,
});

/** A frame of any data set, each object with its true mask. */
export async function labelledImage(read: FrameReader, folder: string, frame: string): Promise<DatasetImage> {
  const samples = (await read(folder, frame)).filter(isPosed);
  return { truths: samples.map(truthOf), given: samples.map(givenOf) };
}

/**
 * A frame of REAL275 or CAMERA25. Where it has a ground-truth pickle all objects of that count, also those with too few
 * pixels for an estimate, as published; without one, those whose pose can be had from the coordinates.
 *
 * @param detections folder of Mask R-CNN's results (mrcnn_results/real_test); without it the true masks are given
 * @throws InputError as `readNocsFrame` and `readMaskRcnn`
 */
export async function nocsImage(
  root: string,
  split: NocsSplit,
  folder: string,
  frame: string,
  detections?: string,
): Promise<DatasetImage> {
  const image = await readNocsFrame(root, split, `${basename(folder)}/${frame}`);
  const samples = nocsSamples(image);
  const fitted = image.labels === undefined && { fitted: true };
  const truths =
    (image.labels?.length && truthRows(image.id, image.labels)) ||
    samples.map((sample) => ({ ...truthOf(sample), ...fitted }));
  if (detections === undefined) return { truths, given: samples.map(givenOf) };
  const name = `results_${split.replace("real_", "")}_${basename(folder)}_${frame}.pkl`;
  const found = maskRcnnSamples(image, readMaskRcnn(pathInRoot(detections, name), image.camera));
  return {
    truths,
    given: found.map((sample) => ({ sample, score: sample.score, pixelBox: corners(sample.box) })),
  };
}
