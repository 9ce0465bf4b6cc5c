/**
 * @file The bandwidths of Mean Shift++, which paper B does not print, swept on photos that no result is scored on.
 */
import { boxMode, boxModes, type PoseModeOptions } from "../../estimation/poseMode";
import type { OrientedBox } from "../../geometry/box";
import { poseSizeDimension } from "../../geometry/poseSizeVector";
import { norm, subtract } from "../../geometry/vector";
import { meanOfNumbers } from "../../metrics/averages";
import { boxError } from "../../metrics/boxError";
import { Rng } from "../../random";
import { ddim } from "../../samplers/ddim";
import { priorNoise } from "../../samplers/priorNoise";
import { pause } from "../pause";
import { embeddedRgbCheckpoint } from "../rgbEstimator";
import type { Experiment, ExperimentPart, PartContext } from "./experiment";
import { experimentPart } from "./experimentPart";
import { type RgbObject, rgbObjects, rgbSampling } from "./rgbObjects";
import { rounded } from "./testObjects";

/** How much is measured. */
export interface RgbBandwidthsAmount {
  objects: number;
  hypotheses: number;
  /** The network's file. */
  model: string;
}

/** One bandwidth of one part. */
export type BandwidthRow = {
  bandwidth: number;
  /** Percent of the modes within a narrow and a wide threshold: 5° and 10°; 5 and 10 cm; 1 and 2 cm of size. */
  narrow: number;
  wide: number;
  /** Modes that were found, and share of the hypotheses in the largest; means over the photos. */
  modes: number;
  share: number;
};

/** What was measured. */
export type RgbBandwidthsResult = {
  /** The bandwidth with most within both thresholds; of equal ones the smallest. */
  chosen: Record<BandwidthPart, number>;
  sweep: Record<BandwidthPart, BandwidthRow[]>;
};

/** What is sought by itself. */
export type BandwidthPart = "rotation" | "translation" | "size";

type Part = { bandwidths: readonly number[]; option: keyof PoseModeOptions; narrow: number; wide: number };

/** The parts are sought apart, so each is swept by itself. */
const sweeps: Record<BandwidthPart, Part> = {
  rotation: { bandwidths: [0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.9, 1.4], option: "rotationBandwidth", narrow: 5, wide: 10 },
  translation: {
    bandwidths: [0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.4],
    option: "translationBandwidth",
    narrow: 5,
    wide: 10,
  },
  size: { bandwidths: [0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2], option: "sizeBandwidth", narrow: 1, wide: 2 },
};

/** Degrees or centimetres between an answer's part and the truth's; of sizes the length of the difference. */
function errorOf(part: BandwidthPart, answer: OrientedBox, { truth }: RgbObject): number {
  if (part === "size") return 100 * norm(subtract(answer.size, truth.box.size));
  const { errorDeg, errorCm } = boxError(answer, truth);
  return part === "rotation" ? errorDeg : errorCm;
}

async function measure(amount: RgbBandwidthsAmount, context: PartContext): Promise<RgbBandwidthsResult> {
  const objects = await rgbObjects(amount.objects, amount.model, context, "validation");
  const parts = Object.keys(sweeps) as BandwidthPart[];
  type Found = { error: number; modes: number; share: number };
  const found = Object.fromEntries(
    parts.map((part) => [part, sweeps[part].bandwidths.map((): Found[] => [])]),
  ) as Record<BandwidthPart, Found[][]>;
  for (const [done, object] of objects.entries()) {
    await pause(context);
    const noise = priorNoise(
      new Rng(0).split("rgb bandwidths").split(object.index),
      amount.hypotheses,
      poseSizeDimension,
    );
    const boxes = object.boxesOf(ddim(object.score, noise, rgbSampling).x);
    for (const part of parts)
      sweeps[part].bandwidths.forEach((bandwidth, i) => {
        const options: PoseModeOptions = { [sweeps[part].option]: bandwidth };
        const { counts } = boxModes(boxes, options)[part];
        found[part][i].push({
          error: errorOf(part, boxMode(boxes, options), object),
          modes: counts.length,
          share: counts[0] / boxes.length,
        });
      });
    context.progress((done + 1) / objects.length, "bandwidths");
  }
  const rows = (part: BandwidthPart): BandwidthRow[] =>
    sweeps[part].bandwidths.map((bandwidth, i) => {
      const own = found[part][i];
      const within = (limit: number): number =>
        rounded((100 * own.filter(({ error }) => error <= limit).length) / own.length);
      return {
        bandwidth,
        narrow: within(sweeps[part].narrow),
        wide: within(sweeps[part].wide),
        modes: rounded(meanOfNumbers(own.map(({ modes }) => modes))),
        share: rounded(meanOfNumbers(own.map(({ share }) => share))),
      };
    });
  const sweep = { rotation: rows("rotation"), translation: rows("translation"), size: rows("size") };
  const best = (part: BandwidthRow[]): number =>
    part.reduce((a, b) => (b.narrow + b.wide > a.narrow + a.wide ? b : a)).bandwidth;
  return {
    chosen: { rotation: best(sweep.rotation), translation: best(sweep.translation), size: best(sweep.size) },
    sweep,
  };
}

/** The part; smaller amounts for a quick look. */
export const rgbBandwidthsParts = (amount: RgbBandwidthsAmount): ExperimentPart[] => [
  experimentPart("sweep", (context) => measure(amount, context)),
];

export const rgbBandwidths: Experiment = {
  name: "rgbBandwidths",
  title: "The bandwidths of Mean Shift++ for rotation, translation and size, on the validation split",
  question:
    "Which bandwidths give most modes near the truth? 150 photos of the validation split, K = 50 by DDIM of 50 steps from t = 1; each part swept by itself: percent of modes within 5° and 10°, 5 and 10 cm, 1 and 2 cm of size. The defaults of `poseMode` are those that the network's first 12,000 steps chose. The shipped one, after 24,000, would choose others by a photo or two, so they stay. No claim is decided here.",
  photos: true,
  reads: [embeddedRgbCheckpoint],
  parts: () => rgbBandwidthsParts({ objects: 150, hypotheses: 50, model: embeddedRgbCheckpoint }),
};
