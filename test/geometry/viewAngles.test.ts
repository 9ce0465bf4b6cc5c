import { expect, test } from "vitest";
import { rotationX, rotationY } from "../../src/geometry/rotation";
import { multiply } from "../../src/geometry/vector";
import { viewAngles } from "../../src/geometry/viewAngles";

const degrees = Math.PI / 180;

test("a camera that looks down by e at an object turned by a sees it from elevation e and azimuth 90° + a", () => {
  for (const [e, a] of [
    [0, 0],
    [30, 40],
    [70, -100],
  ]) {
    // Upright in a camera frame whose y points down, then tilted towards the camera.
    const upright = multiply(rotationX(e * degrees), rotationX(Math.PI));
    const pose = { rotation: multiply(upright, rotationY(a * degrees)), translation: [0, 0, 0.8] as const };
    const { elevationDeg, azimuthDeg } = viewAngles(pose);
    expect(elevationDeg).toBeCloseTo(e, 9);
    const turned = (((azimuthDeg - (90 + a) + 540) % 360) + 360) % 360;
    expect(turned).toBeCloseTo(180, 6);
  }
});
