/**
 * @file The data sets by name: their splits, how they lie on disk, and the reader of a frame.
 */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { assertInput } from "../check";
import type { NocsCategory } from "../geometry/symmetry";
import { openBop } from "./bop";
import { bopLayout } from "./bopLayout";
import { bopSamples } from "./bopSamples";
import { readBopTargets } from "./bopTargets";
import { captureLayout, captureSample } from "./captureFolder";
import type { FrameLayout } from "./frameIndex";
import { type HouseCatSplit, houseCatLayout, houseCatSamples } from "./houseCat6d";
import { filesOf, subfolders } from "./listFolder";
import { type NocsSplit, nocsLabelsFile, readNocsFrame } from "./nocs";
import { nocsSamples } from "./nocsSamples";
import { nocsLayout } from "./nocsStream";
import { type Omni6dSplit, omni6dLayout, omni6dSamples } from "./omni6d";
import { readOmni6dModels } from "./omni6dMeta";
import { pathInRoot } from "./pathInRoot";
import type { Sample } from "./sample";

/** What belongs to a data set besides its frames. */
export interface DatasetPart {
  name: string;
  /** "2,750 ground-truth pickles", "8 models". */
  found: string;
  /** What is not there, if something is not. */
  missing?: string;
}

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
  /** Models, labels, targets. `frames` asks whether a frame of a split is in the index. */
  parts?: (root: string, splits: ReadonlyMap<string, readonly string[]>) => DatasetPart[];
}

/** "1 model", "2,750 models". */
export const count = (n: number, what: string): string => `${n.toLocaleString("en")} ${n === 1 ? what : `${what}s`}`;

/** Ground-truth pickles of the splits that have them, and model sizes. */
function nocsParts(root: string, splits: ReadonlyMap<string, readonly string[]>): DatasetPart[] {
  return [...splits]
    .filter(([split]) => split === "real_test" || split === "val")
    .map(([split, frames]) => {
      const lacking = frames.filter((frame) => {
        const [scene, number] = frame.split("/").slice(-2);
        return nocsLabelsFile(root, split as NocsSplit, `${scene}/${number}`) === undefined;
      });
      return {
        name: `gts/${split}`,
        found: count(frames.length - lacking.length, "ground-truth pickle"),
        missing: lacking.length === 0 ? undefined : `${count(lacking.length, "frame")} without one: ${someOf(lacking)}`,
      };
    });
}

/** The first ten of a list, and how many more there are. */
export const someOf = (names: readonly string[]): string =>
  names.length <= 10
    ? names.join(", ")
    : `${names.slice(0, 10).join(", ")} and ${(names.length - 10).toLocaleString("en")} more`;

const nocs = (title: string, splits: readonly NocsSplit[]): CatalogueEntry => ({
  title,
  splits: () => [...splits],
  layout: (split) => nocsLayout(split as NocsSplit),
  open: (root, split) => async (folder, frame) =>
    nocsSamples(await readNocsFrame(root, split as NocsSplit, `${basename(folder)}/${frame}`)),
  parts: nocsParts,
});

/** Meshes of the models that models_info.json names, and targets. */
function bopParts(root: string, splits: ReadonlyMap<string, readonly string[]>): DatasetPart[] {
  const [split] = splits.keys();
  const models = [...openBop(root, { split }).models.keys()];
  const files = new Set(filesOf(root, "models"));
  const lost = models.map((id) => `obj_${String(id).padStart(6, "0")}.ply`).filter((file) => !files.has(file));
  const parts: DatasetPart[] = [
    {
      name: "models",
      found: count(models.length - lost.length, "model"),
      missing: lost.length === 0 ? undefined : someOf(lost),
    },
  ];
  const name = "test_targets_bop19.json";
  if (existsSync(pathInRoot(root, name)))
    parts.push({ name, found: count(readBopTargets(root, name).length, "target") });
  else parts.push({ name, found: "no targets", missing: "the file" });
  return parts;
}

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
  parts: (root) => {
    const there = existsSync(pathInRoot(root, table));
    return [
      {
        name: table,
        found: there ? `symmetries of ${count(readOmni6dModels(root).size, "object")}` : "no table of objects",
        missing: there ? undefined : "the file; without it no symmetry is known",
      },
    ];
  },
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
