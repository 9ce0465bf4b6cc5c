/**
 * @file Parity of paper B's parts: scale-invariant translation.
 */
import { siteOfTranslation, translationOfSite } from "../../geometry/siteTranslation";
import { flatten, vector3Of } from "./flatten";
import type { ParityRunner } from "./types";

const siteTranslation: ParityRunner = ({ inputs, outputs }) => {
  const [fx, , cx, , fy, cy] = flatten(inputs.K);
  const [x, y] = flatten(inputs.crop_center);
  const [w, h] = flatten(inputs.bbox_wh);
  const frame = {
    camera: { fx, fy, cx, cy, width: 640, height: 480 },
    cropCenter: [x, y] as const,
    boxSize: [w, h] as const,
    cropSide: Number(inputs.crop_side),
    outSize: Number(inputs.out_size),
  };
  const reference = flatten(outputs.site);
  return [
    { quantity: "site", ours: siteOfTranslation(vector3Of(inputs.t), frame), reference },
    {
      quantity: "translation of site",
      ours: translationOfSite(vector3Of(outputs.site), frame),
      reference: flatten(outputs.decoded_t),
    },
    {
      quantity: "zoom",
      ours: [frame.outSize / frame.cropSide],
      reference: flatten(outputs.resize_ratio),
    },
  ];
};

/** Components of this file. */
export const rgbParity: Readonly<Record<string, ParityRunner>> = { site_translation: siteTranslation };
