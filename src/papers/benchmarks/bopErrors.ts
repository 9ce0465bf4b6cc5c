/**
 * @file Errors of estimates on a BOP data set, image by image: rows of results of kind "bop".
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { assertInput, InputError } from "../../check";
import { type BopDataset, bopFiles, bopImageId, readBopFrame, visibleShareOf } from "../../datasets/bop";
import type { BopModel } from "../../datasets/bopModels";
import { bopImages } from "../../datasets/bopSamples";
import type { BopImage, BopInstance } from "../../datasets/bopScene";
import type { BopTarget } from "../../datasets/bopTargets";
import { depthFromGrey16 } from "../../datasets/depthImage";
import { jsonNumber } from "../../formats/jsonField";
import { readPng } from "../../formats/png";
import { readJsonObject } from "../../formats/readJson";
import type { Camera } from "../../geometry/camera";
import type { Pose } from "../../geometry/pose";
import { rasterize } from "../../geometry/rasterize";
import { symmetryMotions } from "../../geometry/symmetryMotions";
import { orderByScore } from "../../metrics/averagePrecision";
import { type BopError, bopShares, mostDetections, type ObjectErrors } from "../../metrics/bopScores";
import { mspd, mssd } from "../../metrics/surfaceErrors";
import { vsd } from "../../metrics/vsd";
import type { BopEstimate } from "./bopCsv";
import { inShard, type Shard } from "./shard";

/** Options of `bopErrors`. */
export interface BopErrorOptions {
  shard: Shard;
  /** δ of VSD, metres: 0.015, or 0.005 on ITODD. Undefined: no VSD. */
  vsdDelta?: number;
  /** Where the estimates come from, for sentences. */
  source?: string;
  /** Places of images that need no look. */
  known?: ReadonlySet<number>;
}

/** An image's errors: a row for each object that is asked for, estimated or there. */
export interface BopImageErrors {
  /** Place among the images of the targets. */
  at: number;
  image: string;
  objects: ObjectErrors[];
}

/** The diameter of the paths of MSPD's pixels: an image of this width. */
const referenceWidth = 640;

/** The size of an image: camera.json states it for the whole data set, else the image is opened. */
async function cameraOf(dataset: BopDataset, image: BopImage): Promise<Camera> {
  const path = join(dataset.root, "camera.json");
  if (!existsSync(path)) return (await readBopFrame(dataset, image)).camera;
  const json = readJsonObject("evaluate bop", path);
  const [width, height] = ["width", "height"].map((key) => jsonNumber(`${path}, ${key}`, json[key]));
  return { ...image.intrinsics, width, height };
}

/** Whether the spheres around the object in both poses may overlap in the image (bop_toolkit's `overlapping_sphere_projections`). */
function mayOverlap({ translation: a }: Pose, { translation: b }: Pose, diameter: number): boolean {
  if (a[2] === 0 || b[2] === 0) return false;
  const distance = Math.hypot(a[0] / a[2] - b[0] / b[2], a[1] / a[2] - b[1] / b[2]);
  return distance < (diameter / 2) * (1 / a[2] + 1 / b[2]);
}

type VsdOf = (model: BopModel, predicted: Pose, truth: Pose) => Required<Pick<BopError, "vsd" | "vsd20mm">>;

/** VSD in an image with a depth; renderings are kept as long as the image is looked at. */
async function vsdIn(dataset: BopDataset, image: BopImage, path: string, delta: number): Promise<VsdOf> {
  const png = await readPng(path);
  const scene = depthFromGrey16(path, png, image.depthUnitMm);
  const camera = { ...image.intrinsics, width: png.width, height: png.height };
  const rendered = new Map<Pose, Float32Array>();
  const render = (objectId: number, pose: Pose): Float32Array => {
    const depth = rendered.get(pose) ?? rasterize([{ mesh: dataset.mesh(objectId), pose }], camera).depth;
    rendered.set(pose, depth);
    return depth;
  };
  return ({ objectId, diameter }, predicted, truth) => {
    if (!mayOverlap(predicted, truth, diameter)) return { vsd: bopShares.map(() => 1), vsd20mm: 1 };
    const depths = { scene, truth: render(objectId, truth), predicted: render(objectId, predicted) };
    return {
      vsd: vsd(depths, camera, { delta, taus: bopShares, diameter }).errors,
      vsd20mm: vsd(depths, camera, { delta: 0.015, taus: [0.02] }).errors[0],
    };
  };
}

/** Motions and vertices of the models, made when an object is first asked for. */
function surfaces(dataset: BopDataset): (model: BopModel) => { points: Float64Array; motions: Pose[] } {
  const kept = new Map<number, { points: Float64Array; motions: Pose[] }>();
  return (model) => {
    const { objectId, symmetries } = model;
    const surface = kept.get(objectId) ?? {
      points: dataset.mesh(objectId).vertices,
      motions: symmetryMotions(symmetries),
    };
    kept.set(objectId, surface);
    return surface;
  };
}

/** The first image of the targets without a depth file; VSD needs all of them. */
export function firstWithoutDepth(dataset: BopDataset, targets: readonly BopTarget[]): string | undefined {
  for (const image of bopImages(dataset, { targets }))
    if (bopFiles(dataset, image).depth === undefined) return bopImageId(dataset, image);
  return undefined;
}

/**
 * Errors of the estimates in the images of the targets, in order of scene and image: of each object that an image asks for,
 * shows or has estimates of, the estimates that a score looks at against every true instance.
 *
 * Localization looks at as many of an object's surest estimates as the targets ask for, or instances are there, and only
 * they have a VSD; detection at the `mostDetections` surest of the image. So the work does not grow with the results file.
 *
 * @throws InputError for an estimate of an object without a model, an image without ground truth or visible shares, and as
 *   the readers
 */
export async function* bopErrors(
  dataset: BopDataset,
  targets: readonly BopTarget[],
  estimates: readonly BopEstimate[],
  { shard, vsdDelta, source = "the results", known }: BopErrorOptions,
): AsyncGenerator<BopImageErrors> {
  const key = ({ sceneId, imageId }: { sceneId: number; imageId: number }): string => `${sceneId}/${imageId}`;
  const estimatesOf = grouped(estimates, key);
  const targetsOf = grouped(targets, key);
  const surfaceOf = surfaces(dataset);
  const modelOf = (objectId: number, where: string): BopModel => {
    const model = dataset.models.get(objectId);
    if (!model)
      throw new InputError(
        `${where}: object ${objectId} is not in models_info.json, which has ${[...dataset.models.keys()].join(", ")}; take results and models of one data set`,
      );
    return model;
  };
  for (const { objectId, line } of estimates) modelOf(objectId, `${source}, line ${line}`);

  let at = -1;
  for (const image of bopImages(dataset, { targets })) {
    if (!inShard(shard, ++at) || known?.has(at)) continue;
    const name = bopImageId(dataset, image);
    assertInput(
      image.instances.length > 0,
      `${dataset.root}: ${name} has no ground truth (scene_gt.json), so nothing can be scored; take a split whose poses are published`,
    );
    const all = estimatesOf.get(key(image)) ?? [];
    const surest = Array.from(orderByScore(all.map(({ score }) => score)), (i) => all[i]);
    const detected = new Set(surest.slice(0, mostDetections));
    const estimatesOfObject = grouped(surest, ({ objectId }) => objectId);
    const camera = await cameraOf(dataset, image);
    const depthPath = bopFiles(dataset, image).depth;
    const vsdOf = vsdDelta !== undefined && depthPath ? await vsdIn(dataset, image, depthPath, vsdDelta) : undefined;
    const asked = targetsOf.get(key(image)) ?? [];
    const ids = new Set([...image.instances.map(({ objectId }) => objectId), ...estimatesOfObject.keys()]);
    const objects = [...ids]
      .sort((a, b) => a - b)
      .map((objectId): ObjectErrors => {
        const instances = image.instances.filter((instance) => instance.objectId === objectId);
        const count = asked.filter((t) => t.objectId === objectId).reduce((sum, t) => sum + t.instanceCount, 0);
        const own = estimatesOfObject.get(objectId) ?? [];
        const detections = own.filter((estimate) => detected.has(estimate)).length;
        const localized = Math.max(count, instances.length);
        const model = modelOf(objectId, `${dataset.root}, ${name}`);
        const { points, motions } = surfaceOf(model);
        const against = (estimate: BopEstimate, { pose: truth }: BopInstance, judged: boolean): BopError => ({
          mssd: mssd(estimate.pose, truth, points, motions) / model.diameter,
          mspd: (mspd(estimate.pose, truth, camera, points, motions) * referenceWidth) / camera.width,
          ...(judged && vsdOf?.(model, estimate.pose, truth)),
        });
        return {
          objectId,
          asked: count,
          visibleShares: instances.map((instance) => visibleShareOf(dataset, image, instance, "evaluate bop")),
          detections,
          given: own.length,
          estimates: own.slice(0, Math.max(detections, localized)).map((estimate, i) => ({
            score: estimate.score,
            errors: instances.map((instance) => against(estimate, instance, i < localized)),
          })),
        };
      });
    yield { at, image: name, objects };
  }
}

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const own = groups.get(keyOf(item));
    if (own) own.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
