/**
 * @file DINOv2 and CLIP's image encoder from a folder as the hub gives it.
 */
import {
  keptRows,
  type VisionTransformerConfig,
  visionTransformerConfig,
  visionTransformerParameters,
} from "../models/vit/visionTransformer";
import { type LoadedNetwork, loadNetwork, type NetworkFolderOptions } from "./networkFolder";

/**
 * A vision transformer from its folder (`config.json` and weights). Of a whole CLIP the text half is not read.
 *
 * @throws InputError for a damaged file or another architecture
 */
export const loadVisionTransformer = (
  folder: string,
  options: NetworkFolderOptions = {},
): LoadedNetwork<VisionTransformerConfig> =>
  loadNetwork(
    folder,
    visionTransformerConfig,
    visionTransformerParameters,
    (name) => name.replace(/^(vision_model|dinov2)\./, ""),
    /(position_ids|mask_token)$|^(text_model\.|visual_projection\.|text_projection\.|logit_scale$)/,
    { kept: keptRows, ...options },
  );
