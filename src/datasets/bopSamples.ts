/**
 * @file The objects of a BOP data set as samples, one after the other: nothing is loaded before it is asked for.
 */
import { assertInput } from "../check";
import { nearestRotation } from "../geometry/nearestRotation";
import { type BopDataset, type BopFrame, bopFiles, bopImageId, readBopFrame, visibleShareOf } from "./bop";
import { bopNumber } from "./bopModels";
import { type BopRendering, renderBop } from "./bopRender";
import type { BopImage, BopInstance } from "./bopScene";
import type { BopTarget } from "./bopTargets";
import type { PosedSample } from "./sample";

/** Which samples of a data set, and what to do where files are missing. */
export interface BopSamplesOptions {
  /** Only these images and, where a target names one, this object. */
  targets?: readonly BopTarget[];
  scenes?: readonly number[];
  objectIds?: readonly number[];
  /** Leaves out what is seen less (visib_fract); the field uses 0.1. Needs scene_gt_info.json. */
  leastVisible?: number;
  /** Render depth and masks from the models where the data set has no such files; `sample.rendered` tells. */
  render?: boolean;
  /** Told of each image that has neither colour nor depth, which is then passed over; without it that is an error. */
  onMissing?: (imageId: string) => void;
}

/** "obj_000005": BOP numbers its objects; `Sample.objectId` has the number. */
export const bopCategory = (objectId: number): string => `obj_${bopNumber(objectId)}`;

/** The images that the options ask for, in order of scene and image. @throws InputError for a target that is not there */
export function* bopImages(
  dataset: BopDataset,
  { targets, scenes }: Pick<BopSamplesOptions, "targets" | "scenes"> = {},
): Generator<BopImage> {
  const asked = targets && new Set(targets.map(({ sceneId, imageId }) => `${sceneId}/${imageId}`));
  const seen = new Set<string>();
  for (const sceneId of dataset.sceneIds) {
    if (scenes && !scenes.includes(sceneId)) continue;
    if (targets && !targets.some((target) => target.sceneId === sceneId)) continue;
    for (const image of dataset.scene(sceneId).values()) {
      const key = `${sceneId}/${image.imageId}`;
      if (asked && !asked.has(key)) continue;
      seen.add(key);
      yield image;
    }
  }
  if (scenes) return;
  const lost = [...(asked ?? [])].filter((key) => !seen.has(key));
  assertInput(
    lost.length === 0,
    `${dataset.root}: ${lost.length} images of the targets are not in ${dataset.split}'s scene_camera.json (scene/image ${lost.slice(0, 5).join(", ")}${lost.length > 5 ? ", …" : ""}); give the split that the targets belong to`,
  );
}

/** The sample of an instance, its rotation made orthonormal. @throws InputError if depth or mask has no file and is not rendered */
export async function bopSample(
  dataset: BopDataset,
  image: BopImage,
  frame: BopFrame,
  instance: BopInstance,
  rendering?: () => BopRendering,
): Promise<PosedSample<string>> {
  const id = `${bopImageId(dataset, image)}#${instance.index}`;
  const model = dataset.models.get(instance.objectId);
  assertInput(
    model,
    `${dataset.root}: ${id} is of object ${instance.objectId}, which models_info.json does not have; take the models of this data set`,
  );
  const rendered: ("depth" | "mask")[] = [];
  const filled = <T>(kind: "depth" | "mask", value: T | undefined, make: (from: BopRendering) => T): T => {
    if (value !== undefined) return value;
    assertInput(
      rendering,
      `${dataset.root}: ${id} has no ${kind === "mask" ? "mask_visib" : kind} file; download it, or pass render: true to have it made from the models`,
    );
    rendered.push(kind);
    return make(rendering());
  };
  const depth = filled("depth", frame.depth, (from) => from.depth);
  const mask = filled("mask", await frame.mask(instance), (from) => from.mask(instance));
  return {
    id,
    category: bopCategory(instance.objectId),
    objectId: instance.objectId,
    camera: frame.camera,
    depth,
    mask,
    rgb: frame.rgb,
    pose: { rotation: nearestRotation(instance.pose.rotation), translation: instance.pose.translation },
    size: model.size,
    boxCenter: model.boxCenter,
    symmetries: model.symmetries,
    visibleShare: instance.visibleShare,
    ...(rendered.length > 0 ? { rendered } : {}),
  };
}

/**
 * The samples, in order of scene, image and object.
 *
 * @throws InputError as `readBopScene`, `readBopFrame` and `bopSample`: a missing file is never passed over in silence
 */
export async function* bopSamples(
  dataset: BopDataset,
  options: BopSamplesOptions = {},
): AsyncGenerator<PosedSample<string>> {
  const { targets, objectIds, leastVisible, render = false, onMissing } = options;
  for (const image of bopImages(dataset, options)) {
    const here = targets?.filter(({ sceneId, imageId }) => sceneId === image.sceneId && imageId === image.imageId);
    const wanted = image.instances.filter((instance) => {
      const { objectId } = instance;
      if (objectIds && !objectIds.includes(objectId)) return false;
      if (here && !here.some((target) => target.objectId === undefined || target.objectId === objectId)) return false;
      return leastVisible === undefined || visibleShareOf(dataset, image, instance, "leastVisible") >= leastVisible;
    });
    if (wanted.length === 0) continue;
    if (onMissing) {
      const { rgb, depth } = bopFiles(dataset, image);
      if (rgb === undefined && depth === undefined) {
        onMissing(bopImageId(dataset, image));
        continue;
      }
    }
    const frame = await readBopFrame(dataset, image);
    let made: BopRendering | undefined;
    const rendering = render
      ? (): BopRendering => {
          made ??= renderBop(dataset, image, frame.camera);
          return made;
        }
      : undefined;
    for (const instance of wanted) yield bopSample(dataset, image, frame, instance, rendering);
  }
}
