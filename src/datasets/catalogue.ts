/**
 * @file The data sets by name: their splits, how they lie on disk, and the reader of a frame.
 */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { assertInput } from "../check";
import type { NocsCategory } from "../geometry/symmetry";
import { openBop } from "./bop";
import { bopLayout } from "./bopLayout";
import { bopParts } from "./bopParts";
import { bopSamples } from "./bopSamples";
import { captureLayout, captureSample } from "./captureFolder";
import { count, type DatasetPart, datasetPart, type SplitFrames } from "./datasetPart";
import type { FrameLayout } from "./frameIndex";
import { type HouseCatSplit, houseCatLayout, houseCatSamples } from "./houseCat6d";
import { subfolders } from "./listFolder";
import { type NocsSplit, readNocsFrame } from "./nocs";
import { nocsParts } from "./nocsParts";
import { nocsSamples } from "./nocsSamples";
import { nocsLayout } from "./nocsStream";
import { type Omni6dSplit, omni6dLayout, omni6dSamples } from "./omni6d";
import { readOmni6dModels } from "./omni6dMeta";
import { pathInRoot } from "./pathInRoot";
import type { Sample } from "./sample";

/** The samples of a frame. `category`: of one's own captures, where no name tells it. */
export type FrameReader = (
  folder: string,
  frame: string,
  category?: NocsCategory,
) => Promise<readonly Sample<string>[]>;

/** A data set that is known by name. */
export interface CatalogueEntry {
  title: string;
  /** The splits that it consists of; of a BOP set those whose folders are there. */
  splits: (root: string) => string[];
  layout: (split: string) => FrameLayout;
  /** The reader of a split's frames. What they share, tables and models, is read once. */
  open: (root: string, split: string) => FrameReader;
  /** Models, labels, targets of the splits that are there. */
  parts?: (root: string, splits: ReadonlyMap<string, SplitFrames>) => DatasetPart[];
}

const nocs = (title: string, splits: readonly NocsSplit[]): CatalogueEntry => ({
  title,
  splits: () => [...splits],
  layout: (split) => nocsLayout(split as NocsSplit),
  open: (root, split) => async (folder, frame) =>
    nocsSamples(await readNocsFrame(root, split as NocsSplit, `${basename(folder)}/${frame}`)),
  parts: nocsParts,
});

const bop = (title: string): CatalogueEntry => ({
  title,
  splits: (root) => subfolders(root, ".").filter((name) => subfolders(root, name, /^\d{6}$/).length > 0),
  layout: bopLayout,
  open: (root, split) => {
    const dataset = openBop(root, { split });
    return async (folder, frame) => {
      const targets = [{ sceneId: Number(basename(folder)), imageId: Number(frame), instanceCount: 1 }];
      const samples: Sample<string>[] = [];
      const scenes = [Number(basename(folder))];
      for await (const sample of bopSamples(dataset, { targets, scenes, render: true })) samples.push(sample);
      return samples;
    };
  },
  parts: bopParts,
});

const omni6d = (title: string, splits: readonly Omni6dSplit[], table: string): CatalogueEntry => ({
  title,
  splits: () => [...splits],
  layout: (split) => omni6dLayout(split as Omni6dSplit),
  open: (root) => {
    const models = readOmni6dModels(root);
    return (folder, frame) => omni6dSamples(root, `${folder}/${frame}`, { models });
  },
  parts: (root) => [
    datasetPart(table, () => {
      const there = existsSync(pathInRoot(root, table));
      return {
        found: there ? `symmetries of ${count(readOmni6dModels(root).size, "object")}` : "no table of objects",
        missing: there ? undefined : "the file; without it no symmetry is known",
      };
    }),
  ],
});

/** What the data sets are called. */
export type DatasetName =
  | "real275"
  | "camera25"
  | "housecat6d"
  | "sope"
  | "rope"
  | "lm"
  | "lmo"
  | "tless"
  | "bop"
  | "captures";

/** All of them. */
export const catalogue: Readonly<Record<DatasetName, CatalogueEntry>> = {
  real275: nocs("NOCS REAL275", ["real_train", "real_test"]),
  camera25: nocs("NOCS CAMERA25", ["train", "val"]),
  housecat6d: {
    title: "HouseCat6D",
    splits: () => ["train", "val", "test"],
    layout: (split) => houseCatLayout(split as HouseCatSplit),
    open: (root) => (folder, frame) => houseCatSamples(root, folder, frame),
  },
  sope: omni6d("Omni6DPose, simulated", ["sope-train", "sope-test"], "Meta/obj_meta.json"),
  rope: omni6d("Omni6DPose, real", ["rope"], "Meta/real_obj_meta.json"),
  lm: bop("LINEMOD (BOP)"),
  lmo: bop("LM-O (BOP)"),
  tless: bop("T-LESS (BOP)"),
  bop: bop("a BOP data set"),
  captures: {
    title: "own captures",
    splits: () => ["captures"],
    layout: () => captureLayout,
    open: (root) => async (folder, frame, category) => [await captureSample(root, folder, frame, { category })],
  },
};

/** The entry of a name. @throws InputError for a name that is not in the catalogue */
export function datasetNamed(name: string): CatalogueEntry {
  const entry = Object.hasOwn(catalogue, name) ? catalogue[name as DatasetName] : undefined;
  assertInput(entry, `there is no data set ${JSON.stringify(name)}; choose ${Object.keys(catalogue).join(", ")}`);
  return entry;
}
