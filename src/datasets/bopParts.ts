/**
 * @file What belongs to a BOP data set besides its images: meshes, visible shares, targets.
 */
import { existsSync } from "node:fs";
import { bopNumber, readBopModels } from "./bopModels";
import { readBopTargets } from "./bopTargets";
import { count, type DatasetPart, datasetPart, type SplitFrames, someOf } from "./datasetPart";
import { filesOf, subfolders } from "./listFolder";
import { pathInRoot } from "./pathInRoot";

const lacking = (names: readonly string[], why: string): string | undefined =>
  names.length === 0 ? undefined : `${someOf(names)}${why}`;

/** Meshes of the models that models_info.json names; scene_gt_info.json of the splits; targets, which test splits need. */
export function bopParts(root: string, splits: ReadonlyMap<string, SplitFrames>): DatasetPart[] {
  const models = datasetPart("models", () => {
    const expected = [...readBopModels(root).keys()].map((id) => `obj_${bopNumber(id)}.ply`);
    const files = new Set(filesOf(root, "models"));
    const lost = expected.filter((file) => !files.has(file));
    return { found: count(expected.length - lost.length, "model"), missing: lacking(lost, "") };
  });
  const visibility = [...splits.keys()].map((split) =>
    datasetPart(`${split}/…/scene_gt_info.json`, () => {
      const has = (scene: string, file: string): boolean => existsSync(pathInRoot(root, split, scene, file));
      const scenes = subfolders(root, split, /^\d{6}$/).filter((scene) => has(scene, "scene_gt.json"));
      const lost = scenes.filter((scene) => !has(scene, "scene_gt_info.json"));
      return {
        found: `of ${count(scenes.length - lost.length, "scene")}`,
        missing: lacking(lost, "; without it no visible share is known, and nothing can be evaluated"),
      };
    }),
  );
  const file = "test_targets_bop19.json";
  const tested = [...splits].filter(([split]) => split.startsWith("test"));
  const targets = datasetPart(file, () => {
    if (!existsSync(pathInRoot(root, file)))
      return { found: "no targets", missing: tested.length > 0 ? "the file" : undefined };
    const targets = readBopTargets(root, file);
    const frames = new Set(tested.flatMap(([split, { all }]) => all.map((frame) => frame.slice(split.length + 1))));
    const images = new Set(targets.map(({ sceneId, imageId }) => `${bopNumber(sceneId)}/${bopNumber(imageId)}`));
    const lost = tested.length > 0 ? [...images].filter((image) => !frames.has(image)) : [];
    return {
      found: count(targets.length, "target"),
      missing: lacking(lost, ": no scene_camera.json has these images"),
    };
  });
  return [models, ...visibility, targets];
}
