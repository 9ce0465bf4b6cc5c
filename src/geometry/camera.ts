/**
 * @file The pinhole camera, OpenCV frame: x right, y down, z forward; pixel centres at integers + 0.
 */
import { assertInput } from "../check";
import type { Vector3 } from "./vector";

/** Intrinsics in pixels and the size of the image they belong to. */
export interface Camera {
  fx: number;
  fy: number;
  cx: number;
  cy: number;
  width: number;
  height: number;
}

/** REAL275's camera (591.0125, 590.16775, 322.525, 244.11084), 640 × 480. */
export const real275Camera: Camera = {
  fx: 591.0125,
  fy: 590.16775,
  cx: 322.525,
  cy: 244.11084,
  width: 640,
  height: 480,
};

/** CAMERA25's camera (577.5, 577.5, 319.5, 239.5), 640 × 480. */
export const camera25Camera: Camera = { fx: 577.5, fy: 577.5, cx: 319.5, cy: 239.5, width: 640, height: 480 };

/** (fx·X/Z + cx, fy·Y/Z + cy). @throws InputError for a point that is not in front of the camera. */
export function project(camera: Camera, point: Vector3): [number, number] {
  assertInput(
    point[2] > 0,
    `project: the point has depth ${point[2]}; only points in front of the camera (z > 0) have a pixel`,
  );
  return [(camera.fx * point[0]) / point[2] + camera.cx, (camera.fy * point[1]) / point[2] + camera.cy];
}

/** The point of pixel (u, v) at depth z: ((u − cx)·z/fx, (v − cy)·z/fy, z). */
export const backProject = (camera: Camera, u: number, v: number, z: number): Vector3 => [
  ((u - camera.cx) * z) / camera.fx,
  ((v - camera.cy) * z) / camera.fy,
  z,
];

/** The camera of a window whose top-left pixel is (left, top), resampled by `zoom` to width × height. */
export const cropCamera = (
  camera: Camera,
  window: { left: number; top: number; width: number; height: number; zoom?: number },
): Camera => {
  const zoom = window.zoom ?? 1;
  return {
    fx: camera.fx * zoom,
    fy: camera.fy * zoom,
    cx: (camera.cx - window.left) * zoom,
    cy: (camera.cy - window.top) * zoom,
    width: window.width,
    height: window.height,
  };
};
