/**
 * @file The evaluations of the papers, by name: from truths and predictions to the figures of their tables.
 */
import { assertInput } from "../../check";
import { houseCatCategories, houseCatTurnsAboutY } from "../../geometry/houseCatCategories";
import type { Pose } from "../../geometry/pose";
import { categories } from "../../geometry/symmetry";
import type { ObjectSymmetry } from "../../geometry/symmetryGroup";
import { norm } from "../../geometry/vector";
import { curvesOfMap } from "../../metrics/apCurves";
import { type ClassPrecision, type DetectionMapOptions, detectionMap, type NocsMap } from "../../metrics/detectionMap";
import { type HypothesisMapOptions, hypothesisMap } from "../../metrics/hypothesisMap";
import { catreIou3d, type Iou3d, orientedIou3d, publishedNocsIou3d } from "../../metrics/iou3d";
import { type EvaluatedImage, type NocsMapOptions, nocsDetections } from "../../metrics/nocsMap";
import { type Omni6dClassMetrics, omni6dError, omni6dMetrics } from "../../metrics/omni6dMetrics";
import { assertPixelBox, type PixelBox } from "../../metrics/pixelBoxIou";
import { imageNotes } from "./imageNotes";
import type { JudgedPrediction, PoseImage, TrueObjectRow } from "./poseRows";
import type { Report, ReportTable } from "./report";

/** Options of a protocol. */
export interface ProtocolOptions {
  /** Also AP over thresholds: 0–60° by 1°, 0–10 cm by 0.5 cm, IoU by 0.01 (object-deformnet's). */
  curves?: boolean;
}

/** From images to figures. @throws InputError for an object beyond the protocol's categories, or rows without what it needs */
export type Protocol = (images: readonly PoseImage[], options?: ProtocolOptions) => Report;

const percent = (value: number): number => 100 * value;
const box = ({ pose, size }: TrueObjectRow) => ({ ...pose, size });
const isNone = ({ pose, size }: JudgedPrediction): boolean => pose === undefined || size === undefined;

/** @throws InputError naming image, protocol and cure for a category that the protocol does not have */
function assertCategories(protocol: string, images: readonly PoseImage[], known: readonly string[]): void {
  for (const { image, truths, predictions } of images) {
    const stranger = [...truths, ...predictions].find(({ category }) => !known.includes(category));
    assertInput(
      stranger === undefined,
      `${image}: the protocol ${protocol} does not know the category ${stranger?.category} (it has ${known.join(", ")}); give --protocol nocs or genpose for REAL275 and CAMERA25, housecat6d for HouseCat6D, omni6d for SOPE and ROPE`,
    );
  }
}

const evaluated = (images: readonly PoseImage[]): EvaluatedImage[] =>
  images.map(({ truths, predictions }) => ({
    truths: truths.map((t) => ({ category: t.category, box: box(t), handleVisible: t.handleVisible })),
    predictions: predictions.map(({ category, score, pose, size }) => ({
      category,
      box: pose && { ...pose, size },
      score,
    })),
  }));

/** Figures of a map in percent: an IoU threshold each, then n° m cm. */
function figures(
  map: NocsMap,
  of: (map: NocsMap) => ClassPrecision,
  poses: readonly (readonly [number, number])[],
): number[] {
  const { iouAp, poseAp } = of(map);
  const at = ([deg, cm]: readonly [number, number]): number =>
    poseAp[map.withinDeg.indexOf(deg)][map.withinCm.indexOf(cm)];
  return [...iouAp, ...poses.map(at)].map(percent);
}

const poseName = ([deg, cm]: readonly [number, number]): string =>
  deg === 360 ? `${cm}cm` : cm === 100 ? `${deg}°` : `${deg}°${cm}cm`;

/** Which of the published evaluation's two peculiarities a row has. */
interface Variant {
  name: string;
  iou3d: Iou3d;
  matches: boolean;
}

const matchedNote =
  "«matched pairs»: poses are judged only where boxes match at IoU 0.1, as published tables are made; objects that were missed and false alarms are not counted there";

/** What poses and boxes are judged at. */
type Thresholds = Pick<DetectionMapOptions, "withinDeg" | "withinCm" | "iouThresholds">;

const steps = (to: number, count: number): number[] => Array.from({ length: count + 1 }, (_, i) => (to * i) / count);

/** Object-deformnet's: 0–60° by 1°, 0–10 cm by 0.5 cm, IoU 0–1 by 0.01. */
const publishedCurves: Thresholds = { withinDeg: steps(60, 60), withinCm: steps(10, 20), iouThresholds: steps(1, 100) };

/** mAP of several variants over all classes, and of the first by category. */
function mapReport(
  protocol: string,
  images: readonly PoseImage[],
  variants: readonly Variant[],
  options: Thresholds & { categories: readonly string[]; symmetric?: NocsMapOptions["symmetric"] },
  poses: readonly (readonly [number, number])[],
  curves: boolean | undefined,
): Report {
  assertCategories(protocol, images, options.categories);
  const input = evaluated(images);
  const kinds = [...new Set(variants.map(({ iou3d }) => iou3d))];
  const paired = kinds.map((iou3d) => nocsDetections(input, { ...options, iou3d }));
  const judge = ({ iou3d, matches }: Variant, thresholds: Thresholds): NocsMap =>
    detectionMap(paired[kinds.indexOf(iou3d)], {
      ...thresholds,
      poseIou: matches ? 0.1 : undefined,
      skipAbsent: true,
    });
  const maps = variants.map((variant) => judge(variant, options));
  const columns = [...options.iouThresholds.map((t) => `IoU${Math.round(100 * t)}`), ...poses.map(poseName)];
  const all: ReportTable = {
    title: "mAP, %",
    columns,
    rows: maps.map((map, i) => ({ name: variants[i].name, values: figures(map, ({ mean }) => mean, poses) })),
  };
  const absent = options.categories.filter(
    (category) => !images.some(({ truths }) => truths.some((truth) => truth.category === category)),
  );
  const byCategory: ReportTable = {
    title: `${variants[0].name}, by category`,
    columns,
    rows: options.categories
      .filter((category) => !absent.includes(category))
      .map((category) => ({
        name: category,
        values: figures(maps[0], ({ perCategory }) => perCategory[category], poses),
      })),
  };
  const notes = [
    matchedNote,
    ...(absent.length > 0 ? [`no ${absent.join(", ")} is there; the mean is over the other classes`] : []),
    ...imageNotes(images, isNone),
  ];
  const fine = curves && { curves: { [variants[0].name]: curvesOfMap(judge(variants[0], publishedCurves)) } };
  return { protocol, notes, tables: [all, byCategory], ...fine };
}

const nocsPoses = [[5, 2], [5, 5], [10, 2], [10, 5], [10, 10], [10, 100], [360, 10]] as const; // biome-ignore format: pairs

/** REAL275 and CAMERA25 (NOCS_CVPR2019, object-deformnet): papers A and B, Tables 3 and 1 to 3. */
const nocs: Protocol = (images, { curves } = {}) =>
  mapReport(
    "nocs",
    images,
    [
      { name: "published IoU, matched pairs", iou3d: publishedNocsIou3d, matches: true },
      { name: "published IoU, all objects", iou3d: publishedNocsIou3d, matches: false },
      { name: "right IoU, matched pairs", iou3d: orientedIou3d, matches: true },
      { name: "right IoU, all objects", iou3d: orientedIou3d, matches: false },
    ],
    { categories, withinDeg: [5, 10], withinCm: [2, 5, 10], iouThresholds: [0.25, 0.5, 0.75] },
    nocsPoses,
    curves,
  );

/** HouseCat6D: both IoUs that it reports, and the right one. */
const houseCat: Protocol = (images, { curves } = {}) =>
  mapReport(
    "housecat6d",
    images,
    [
      { name: "VI-Net's IoU, matched pairs", iou3d: publishedNocsIou3d, matches: true },
      { name: "CATRE's IoU, matched pairs", iou3d: catreIou3d, matches: true },
      { name: "right IoU, matched pairs", iou3d: orientedIou3d, matches: true },
      { name: "right IoU, all objects", iou3d: orientedIou3d, matches: false },
    ],
    {
      categories: houseCatCategories,
      withinDeg: [5, 10],
      withinCm: [2, 5, 10],
      iouThresholds: [0.1, 0.25, 0.5, 0.75],
      symmetric: (category) => houseCatTurnsAboutY.includes(category),
    },
    [[5, 2], [5, 5], [10, 2], [10, 5], [10, 10]], // biome-ignore format: pairs
    curves,
  );

/** GenPose's own: detections match by their boxes in the image, because it predicts no size. */
const genPose: Protocol = (images) => {
  const checked = (box: PixelBox | undefined, image: string): PixelBox => {
    assertInput(box, `genpose: an object of ${image} has no pixelBox; evaluate again with images`);
    assertPixelBox(`genpose: an object of ${image}`, box);
    return box;
  };
  assertCategories("genpose", images, categories);
  const posesOf = ({ pose, hypotheses = [pose], energies }: JudgedPrediction): Pose[] | undefined => {
    const numbers = [...(energies?.rotation ?? []), ...(energies?.translation ?? [])];
    return hypotheses.every((one) => one !== undefined) && numbers.every(Number.isFinite) ? hypotheses : undefined;
  };
  const input = images.map(({ image, truths, predictions }) => ({
    truths: truths.map((t) => ({ ...t, pixelBox: checked(t.pixelBox, image) })),
    predictions: predictions.map((p) => {
      const hypotheses = posesOf(p);
      const zeros = (hypotheses ?? []).map(() => 0);
      return {
        category: p.category,
        score: p.score,
        hypotheses,
        energies: p.energies ?? { rotation: zeros, translation: zeros },
        pixelBox: checked(p.pixelBox, image),
      };
    }),
  }));
  const poses = [[5, 2], [5, 5], [10, 2], [10, 5]] as const; // biome-ignore format: pairs
  const ranked = images.some(({ predictions }) => predictions.some(({ energies }) => energies));
  const variants: [string, HypothesisMapOptions][] = [
    ["published box order", { boxOrder: "published" }],
    ["each its own box", {}],
    ["each its own box, all objects", { poseIou: undefined }],
  ];
  const rows = variants.map(([name, options]) => {
    const map = hypothesisMap(input, { share: ranked ? 0.6 : 1, skipAbsent: true, ...options });
    return { name, values: figures(map, ({ mean }) => mean, poses) };
  });
  const notes = [
    "overlaps are those of boxes in the image; poses are judged in pairs that match at 0.1, but for the last row",
    ranked
      ? "poses are the mean of the best 60 % by energy, rotations and translations ranked apart"
      : "no energies are there: poses are the mean of all hypotheses",
    ...imageNotes(images, (p) => posesOf(p) === undefined),
  ];
  return {
    protocol: "genpose",
    notes,
    tables: [{ title: "mAP, %", columns: ["2D10", "2D50", ...poses.map(poseName)], rows }],
  };
};

const omni6dColumns: readonly (readonly [string, (metrics: Omni6dClassMetrics) => number])[] = [
  ["AUC@IoU25", (m) => percent(m.iouAuc[0])],
  ["AUC@IoU50", (m) => percent(m.iouAuc[1])],
  ["AUC@IoU75", (m) => percent(m.iouAuc[2])],
  ["VUS@5°2cm", (m) => percent(m.poseVus[0])],
  ["VUS@5°5cm", (m) => percent(m.poseVus[1])],
  ["VUS@10°2cm", (m) => percent(m.poseVus[2])],
  ["VUS@10°5cm", (m) => percent(m.poseVus[3])],
  ["mean °", (m) => m.degMean],
  ["mean cm", (m) => m.cmMean],
];

/** A pose that is none is as far off as one can be: half a turn, and at the camera; a box without a size overlaps nothing. */
function omni6dErrorOf(found: JudgedPrediction, truth: TrueObjectRow, symmetry: ObjectSymmetry) {
  const { pose, size } = found;
  if (!pose) return { errorDeg: 180, errorCm: 100 * norm(truth.pose.translation), iou: 0 };
  const errors = omni6dError({ ...pose, size: size ?? truth.size }, box(truth), symmetry);
  return size ? errors : { ...errors, iou: 0 };
}

/** Omni6DPose (SOPE, ROPE): AUC and VUS per class, after calibration of symmetric objects. */
const omni6d: Protocol = (images) => {
  let missed = 0;
  const errors = images.flatMap(({ image, truths, predictions }) =>
    truths.flatMap((truth) => {
      const found = predictions.find(({ object }) => object === truth.object);
      if (!found) {
        missed++;
        return [];
      }
      assertInput(
        truth.symmetry,
        `omni6d: ${truth.object} in ${image} has no symmetry label; use data of Omni6DPose, or another protocol`,
      );
      return [{ category: truth.category, ...omni6dErrorOf(found, truth, truth.symmetry) }];
    }),
  );
  assertInput(
    errors.length > 0,
    "omni6d: no prediction was made of a true object's pixels; evaluate without a detector's boxes",
  );
  const { mean, perCategory } = omni6dMetrics(errors);
  const columns = omni6dColumns.map(([name]) => name);
  const row = (name: string, metrics: Omni6dClassMetrics) => ({
    name,
    values: omni6dColumns.map(([, of]) => of(metrics)),
  });
  const classes = Object.entries(perCategory).map(([name, metrics]) => row(name, metrics));
  const notes = [
    `${errors.length} objects of ${classes.length} classes; ${missed} without a prediction are left out, as published`,
    ...imageNotes(images, isNone),
  ];
  return {
    protocol: "omni6d",
    notes,
    tables: [
      { title: "mean over the classes, %", columns, rows: [row("all classes", mean)] },
      { title: "by class", columns, rows: classes },
    ],
  };
};

/** By name. */
export const protocols: Readonly<Record<string, Protocol>> = { nocs, genpose: genPose, housecat6d: houseCat, omni6d };
