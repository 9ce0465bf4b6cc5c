/**
 * @file Paper C's estimate: the most similar template gives the object's class and its pose.
 */
import { assertInput } from "../../check";
import { projectiveTranslation } from "../../estimation/projectiveTranslation";
import type { Camera } from "../../geometry/camera";
import type { Pose } from "../../geometry/pose";
import type { Matrix3, Vector3 } from "../../geometry/vector";
import { lookAtDirection } from "../../geometry/viewpoint";
import { joinTemplates, type TemplateIndex, templateIndex } from "../../models/templateIndex";
import type { Descriptor } from "./descriptor";
import { type ObjectTemplates, type TemplateSettings, templateRotations } from "./templateStore";

/** A template that was found. */
export interface TemplateMatch {
  objectId: number;
  /** Number of the view among the object's. */
  view: number;
  /** Mean over the layers of the thresholded similarity. */
  similarity: number;
  /** Object → camera of the template. */
  rotation: Matrix3;
  /** From the object to the camera. */
  direction: Vector3;
  /** Of the template's mask, pixels of its crop. */
  box: readonly [number, number, number, number];
}

/** Options of a search. */
export interface MatchOptions {
  /** How many templates, best first. */
  top?: number;
  /** Paper C 0.2. */
  threshold?: number;
  /** Shares of the layers; default: equal. */
  layerWeights?: readonly number[];
}

/** Templates of several objects, ready to be searched. */
export interface TemplateMatcher {
  /** All templates. */
  count: number;
  /** Bytes that one search reads. */
  bytes: number;
  /** @param maps of the query, one a layer (`Descriptor.describe` of one picture) */
  match: (maps: readonly Float32Array[], options?: MatchOptions) => TemplateMatch[];
  /** The similarity of every template, of each layer alone. */
  similarities: (maps: readonly Float32Array[], options?: Pick<MatchOptions, "threshold">) => Float32Array[];
}

/**
 * Put the templates of several objects together.
 *
 * @throws InputError if there are none, or they are of different views or layers
 */
export function templateMatcher(objects: readonly ObjectTemplates[], settings: TemplateSettings): TemplateMatcher {
  assertInput(objects.length > 0, "templateMatcher: there are no objects; give the templates of at least one");
  const rotations = templateRotations(settings);
  for (const { objectId, layers } of objects)
    assertInput(
      layers.length === objects[0].layers.length && layers[0].ends.length === rotations.length,
      `templateMatcher: object ${objectId} has ${layers[0].ends.length} templates of ${layers.length} layers, expected ${rotations.length} of ${objects[0].layers.length}; build all by the same settings`,
    );
  const indices: TemplateIndex[] = objects[0].layers.map((_, layer) =>
    templateIndex(joinTemplates(objects.map(({ layers }) => layers[layer]))),
  );
  const similarities: TemplateMatcher["similarities"] = (maps, options) => {
    assertInput(
      maps.length === indices.length,
      `templateMatcher: a query of ${maps.length} maps, the templates have ${indices.length}; use their descriptor`,
    );
    return indices.map((index, layer) => index.search(maps[layer], options));
  };
  return {
    count: objects.length * rotations.length,
    bytes: indices.reduce((sum, { bytes }) => sum + bytes, 0),
    similarities,
    match: (maps, { top = 1, threshold, layerWeights } = {}) => {
      const each = similarities(maps, threshold === undefined ? {} : { threshold });
      const shares = layerWeights ?? each.map(() => 1 / each.length);
      const total = each[0].map((_, t) => each.reduce((sum, layer, i) => sum + shares[i] * layer[t], 0));
      const best = bestOf(total, top);
      return best.map((t) => {
        const object = objects[Math.floor(t / rotations.length)];
        const view = t % rotations.length;
        const rotation = rotations[view];
        const [left, upper, right, lower] = object.boxes.subarray(4 * view, 4 * view + 4);
        return {
          objectId: object.objectId,
          view,
          similarity: total[t],
          rotation,
          direction: lookAtDirection(rotation),
          box: [left, upper, right, lower],
        };
      });
    },
  };
}

/** Indices of the largest values, largest first; of equals the first. */
function bestOf(values: Float32Array, top: number): number[] {
  const best: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (best.length === top && values[i] <= values[best[top - 1]]) continue;
    let place = best.length;
    while (place > 0 && values[i] > values[best[place - 1]]) place--;
    best.splice(place, 0, i);
    if (best.length > top) best.pop();
  }
  return best;
}

/** What is needed to place a match in the image. */
export interface PlacedQuery {
  /** Of the object's silhouette in the image: left, top, right, bottom. */
  box: readonly [number, number, number, number];
  camera: Camera;
}

/**
 * The pose of a match: the template's rotation, and the translation by which its box becomes the query's
 * (`projectiveTranslation`). The query must not be turned against the template: match with in-plane steps.
 *
 * @param descriptor of the templates: the crop's size in pixels
 */
export function poseOfMatch(
  match: TemplateMatch,
  { box, camera }: PlacedQuery,
  { inputSize }: Pick<Descriptor, "inputSize">,
  { side = 0.2, distance = 0.8 }: TemplateSettings = {},
): Pose {
  const focal = (inputSize * distance) / side;
  const center = inputSize / 2;
  const translation = projectiveTranslation(
    { box: match.box, camera: { fx: focal, fy: focal, cx: center, cy: center }, distance },
    { box, camera },
  );
  return { rotation: match.rotation, translation };
}
