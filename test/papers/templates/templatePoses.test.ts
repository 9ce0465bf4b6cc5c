import { describe, expect, test } from "vitest";
import { renderTemplate } from "../../../src/datasets/renderTemplate";
import { squareRotation } from "../../../src/datasets/templateCrop";
import type { Pose } from "../../../src/geometry/pose";
import { rotationX, rotationY, rotationZ } from "../../../src/geometry/rotation";
import { geodesicDistance } from "../../../src/geometry/so3";
import { multiply, norm, subtract, transpose } from "../../../src/geometry/vector";
import { lookAtRotation, viewDirection } from "../../../src/geometry/viewpoint";
import { matchPose } from "../../../src/papers/templates/templatePoses";
import { boxOf } from "../../../src/papers/templates/templateStore";

const mesh = {
  vertices: Float64Array.from([0.06, 0, 0.01, -0.03, 0.05, 0, -0.02, -0.06, -0.01, 0, 0, 0.08]),
  triangles: Uint32Array.from([0, 2, 1, 0, 1, 3, 1, 2, 3, 2, 0, 3]),
};
const truth: Pose = {
  rotation: multiply(multiply(rotationZ(0.4), rotationX(-2)), rotationY(0.3)),
  translation: [0.25, -0.12, 0.7],
};
const inputSize = 224;

/** A match as if a template had been rendered from the very view. */
function matchOf(rotation: Pose["rotation"], distance: number) {
  const { mask } = renderTemplate(mesh, rotation, { size: inputSize, distance });
  return { rotation, box: boxOf(mask, inputSize) };
}

describe("the pose of a template that looks like the crop", () => {
  test("has the true rotation: the view's, where the crop has the object's axis up", () => {
    const view = lookAtRotation(viewDirection(truth));
    const { rotation } = matchPose(matchOf(view, 0.8), truth, mesh, { inputSize });
    expect(geodesicDistance(rotation, truth.rotation)).toBeLessThan(1e-7);
  });

  test("and that of the turned view, where the crop is as the image", () => {
    const turned = multiply(transpose(squareRotation(truth, { up: "image" })), truth.rotation);
    const { rotation } = matchPose(matchOf(turned, 0.8), truth, mesh, { inputSize, up: "image" });
    expect(geodesicDistance(rotation, truth.rotation)).toBeLessThan(1e-7);
  });

  test("lies where the silhouettes have one size, whatever the template's distance", () => {
    const view = lookAtRotation(viewDirection(truth));
    for (const distance of [0.4, norm(truth.translation), 1.6]) {
      const { translation } = matchPose(matchOf(view, distance), truth, mesh, { inputSize, distance });
      expect(norm(subtract(translation, truth.translation))).toBeLessThan(0.05 * norm(truth.translation));
    }
    const { translation } = matchPose(matchOf(view, 0.4), truth, mesh, { inputSize, translation: "true" });
    expect(translation).toEqual(truth.translation);
  });
});
