/**
 * @file The objects of a NOCS frame as samples with ground truth.
 */
import { basename } from "node:path";
import type { Similarity } from "../geometry/similarity";
import { scale as scaled, type Vector3 } from "../geometry/vector";
import type { NocsFrame, NocsInstance } from "./nocs";
import type { NocsLabel } from "./nocsLabels";
import { alignNocs, fewestPoints, handleInSight, visibleExtents } from "./nocsPose";
import type { PosedSample } from "./sample";

/** Options of `nocsSamples`. */
export interface NocsSamplesOptions {
  /** "labels": the ground-truth pickle where there is one, else coordinates; "coordinates": always coord + depth. */
  poses?: "labels" | "coordinates";
}

/** The label of each instance: by its number or the model's name where the pickle has them, else by order among those visible. */
function labelsByInstance(frame: NocsFrame, visible: readonly NocsInstance[]): Map<number, NocsLabel> {
  const labels = frame.labels ?? [];
  const found = new Map<number, NocsLabel>();
  visible.forEach((instance, i) => {
    const named = labels.find(({ modelPath, classId, instanceId }) => {
      if (instanceId !== undefined) return instanceId === instance.id && classId === instance.classId;
      const parts = modelPath?.split(/[\\/]/).map((part) => basename(part, ".obj"));
      return classId === instance.classId && parts?.includes(instance.name);
    });
    const inOrder =
      labels.length === visible.length &&
      labels.every(({ modelPath, instanceId }) => (modelPath ?? instanceId) === undefined);
    const label = named ?? (inOrder && labels[i].classId === instance.classId ? labels[i] : undefined);
    if (label) found.set(instance.id, label);
  });
  return found;
}

/**
 * The objects of the six categories in a frame, each as a sample with the frame's depth and its own mask.
 *
 * Pose: of the ground-truth pickle, or by Umeyama from coord + depth. Size: of the pickle, else of the scanned model,
 * else from the visible coordinates (a lower bound). handleVisible of a mug: of the pickle, else seen in the
 * coordinates where the true extents are known, else left out, which counts as visible. Objects with fewer than 50
 * pixels with depth are left out, as GenPose does; so are distractors (class 0).
 *
 * @throws InputError for a frame with neither labels nor a coordinate map
 */
export function nocsSamples(frame: NocsFrame, options: NocsSamplesOptions = {}): PosedSample[] {
  const pixels = new Map<number, number>();
  frame.mask.forEach((id, i) => {
    if (frame.depth[i] > 0) pixels.set(id, (pixels.get(id) ?? 0) + 1);
  });
  const visible = frame.instances.filter(({ id, category }) => category && pixels.has(id));
  const labels = options.poses === "coordinates" ? new Map<number, NocsLabel>() : labelsByInstance(frame, visible);
  return visible
    .filter(({ id }) => (pixels.get(id) ?? 0) >= fewestPoints)
    .flatMap((instance) => {
      const label = labels.get(instance.id);
      const alignment = label?.alignment ?? alignNocs(frame, instance.id);
      return alignment ? [sampleOf(frame, instance, alignment, label)] : [];
    });
}

function sampleOf(frame: NocsFrame, instance: NocsInstance, alignment: Similarity, label?: NocsLabel): PosedSample {
  const { id, category } = instance;
  const extents = label?.normalizedExtents;
  const known: Vector3 | undefined = extents ? scaled(extents, alignment.scale) : instance.size;
  const handle = label?.handleVisible ?? (known && frame.nocs ? handleInSight(frame, id, known) : undefined);
  const mask = frame.mask.map((value) => Number(value === id));
  return {
    id: `${frame.id}#${id}`,
    category: category as NonNullable<typeof category>,
    camera: frame.camera,
    depth: frame.depth,
    mask,
    rgb: frame.rgb,
    nocs: frame.nocs?.map((value, i) => (mask[Math.floor(i / 3)] ? value : 0)),
    pose: { rotation: alignment.rotation, translation: alignment.translation },
    size: known ?? visibleExtents(frame, id, alignment.scale),
    handleVisible: category === "mug" ? handle : true,
  };
}
