/**
 * @file The frames of a BOP split for the index: which images scene_camera.json lists, and which of their files there are.
 */
import { bopNumber } from "./bopModels";
import { readBopScene } from "./bopScene";
import type { FrameLayout } from "./frameIndex";
import { filesOf, subfolders } from "./listFolder";

/**
 * How a split lies on disk: test/000002/{rgb or gray, depth, mask_visib}/000003.png. An image lacks "mask_visib" if one of
 * its objects does; "truth" if scene_gt.json does not name it.
 */
export function bopLayout(split: string): FrameLayout {
  return {
    name: `bop-${split}`,
    needed: ["rgb", "truth"],
    parts: ["rgb", "gray", "depth", "mask_visib"],
    folders: function* (root) {
      for (const scene of subfolders(root, split, /^\d{6}$/)) yield `${split}/${scene}`;
    },
    frames: (root, folder) => {
      const stems = (part: string, end: RegExp): Set<string> =>
        new Set(filesOf(root, `${folder}/${part}`).map((file) => file.replace(end, "")));
      const pictures = new Set(["rgb", "gray"].flatMap((part) => [...stems(part, /\.(png|jpg|tif)$/)]));
      const [depths, masks] = [stems("depth", /\.png$/), stems("mask_visib", /\.png$/)];
      return [...readBopScene(root, folder).values()].map(({ imageId, instances }) => {
        const name = bopNumber(imageId);
        const masked = instances.every(({ index }) => masks.has(`${name}_${bopNumber(index)}`));
        const has = {
          rgb: pictures.has(name),
          depth: depths.has(name),
          mask_visib: masked,
          truth: instances.length > 0,
        };
        return { name, missing: Object.entries(has).flatMap(([kind, there]) => (there ? [] : [kind])) };
      });
    },
  };
}
