/**
 * @file Parity of crops and back-projection with GenPose and object-deformnet.
 */
import { assertInput } from "../../check";
import { backProjectCrop, boxWindow, cropAffine, dynamicZoomIn, nocsSquareWindow } from "../../datasets/crop";
import { backProjectMask } from "../../geometry/pointcloud";
import { flatten } from "./flatten";
import type { ParityComparison, ParityRunner } from "./types";

const zoomIn: ParityRunner = ({ inputs, outputs }) => {
  const [x1, y1, x2, y2] = flatten(inputs.bbox_xyxy);
  const [ux, uy] = flatten(inputs.u_shift_xy);
  const image = { width: Number(inputs.im_W), height: Number(inputs.im_H) };
  const parameters = inputs.params as Record<string, number | string>;
  assertInput(
    parameters.DZI_TYPE === "uniform",
    `genpose_crop_backproject: the DZI type ${parameters.DZI_TYPE} is not known; only uniform is`,
  );
  const box = { x1, y1, x2, y2 };
  const window = dynamicZoomIn(box, image, [Number(inputs.u_scale), ux, uy], {
    padScale: Number(parameters.DZI_PAD_SCALE),
    scaleRatio: Number(parameters.DZI_SCALE_RATIO),
    shiftRatio: Number(parameters.DZI_SHIFT_RATIO),
  });
  const atTest = boxWindow(box, image);
  return [
    { quantity: "center", ours: window.center, reference: flatten(outputs.center) },
    { quantity: "scale", ours: [window.scale], reference: flatten(outputs.scale) },
    {
      quantity: "affine",
      ours: cropAffine(window, Number(inputs.out)),
      reference: flatten(outputs.affine_src_to_dst),
    },
    { quantity: "eval_center", ours: atTest.center, reference: flatten(outputs.eval_center) },
    { quantity: "eval_scale", ours: [atTest.scale], reference: flatten(outputs.eval_scale) },
  ];
};

const backProjection: ParityRunner = ({ inputs, outputs }) => {
  const depth = Float32Array.from(flatten(inputs.depth_mm), (mm) => mm / 1000);
  const mask = Uint8Array.from(flatten(inputs.mask));
  const [x, y] = [flatten(inputs.x_map), flatten(inputs.y_map)];
  const [fx, , cx, , fy, cy] = flatten(inputs.K);
  const reference = flatten(outputs.points_m);
  const points = backProjectCrop(depth, mask, x, y, { fx, fy, cx, cy });
  const comparisons: ParityComparison[] = [{ quantity: "points", ours: points, reference }];
  // where the maps are a plain window of the image, the camera moved there must give the same
  const height = (inputs.depth_mm as unknown[]).length;
  const width = depth.length / height;
  if (x.every((u, i) => u === x[0] + (i % width)) && y.every((v, i) => v === y[0] + Math.floor(i / width)))
    comparisons.push({
      quantity: "points of the window's camera",
      ours: backProjectMask(depth, mask, { fx, fy, cx: cx - x[0], cy: cy - y[0], width, height }),
      reference,
    });
  return comparisons;
};

const squareWindow: ParityRunner = ({ inputs, outputs }) => {
  const [y1, x1, y2, x2] = flatten(inputs.bbox_y1x1y2x2);
  // the reference's image size is fixed
  const window = nocsSquareWindow({ x1, y1, x2, y2 }, { width: 640, height: 480 });
  return [
    {
      quantity: "window",
      ours: [window.y1, window.y2, window.x1, window.x2],
      reference: flatten(outputs.rmin_rmax_cmin_cmax),
    },
  ];
};

export const filesParity: Readonly<Record<string, ParityRunner>> = {
  genpose_crop_backproject: (parityCase) => (parityCase.inputs.depth_mm ? backProjection : zoomIn)(parityCase),
  nocs_square_window: squareWindow,
};
