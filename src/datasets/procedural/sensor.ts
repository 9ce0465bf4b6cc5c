/**
 * @file What a depth sensor makes of the true depth: noise that grows with z², steps, borders that are missing or fly.
 */
import type { Camera } from "../../geometry/camera";
import type { Rng } from "../../random";

/** The character of one sensor; `randomSensor` draws one per frame. */
export interface Sensor {
  /** Deviation of the noise at 1 m, metres; it grows with z² (structured light, stereo). */
  axialNoise: number;
  /** Share of that noise that varies smoothly over `patch` pixels. */
  correlation: number;
  patch: number;
  /** Deviation in pixels of where a measurement is really taken. */
  lateralNoise: number;
  /** Depth step at 1 m, metres, growing with z² (disparity steps), on top of the file's 1 mm. */
  step: number;
  /** Probability that a pixel at a depth edge is missing, or lies between the two surfaces. */
  missingAtEdges: number;
  flyingAtEdges: number;
  /** tan of the angle of incidence beyond which most pixels are missing. */
  grazing: number;
  /** Probability that a pixel is missing without a reason. */
  missing: number;
  /** Relative error of the whole depth map. */
  scale: number;
}

/** A sensor between a good and a poor consumer camera. */
export function randomSensor(rng: Rng): Sensor {
  return {
    axialNoise: 0.0007 * 6 ** rng.uniform(0, 1),
    correlation: rng.uniform(0.2, 0.8),
    patch: rng.uniform(3, 9),
    lateralNoise: rng.uniform(0.1, 0.8),
    step: rng.chance(0.5) ? rng.uniform(0.0005, 0.003) : 0,
    missingAtEdges: rng.uniform(0, 0.6),
    flyingAtEdges: rng.uniform(0, 0.3),
    grazing: rng.uniform(2.5, 9),
    missing: rng.chance(0.3) ? rng.uniform(0, 0.25) : rng.uniform(0, 0.01),
    scale: rng.normal(1, 0.003),
  };
}

/** Depth jumps by more than this (metres) are edges between surfaces. */
const edge = 0.02;

/**
 * Measure a depth map (metres, 0 = nothing there) at the given pixels; all others stay 0. The result is in whole
 * millimetres, as a 16-bit depth file holds it.
 *
 * @param camera its focal length gives the angle of incidence
 */
export function measureDepth(
  truth: Float32Array,
  camera: Camera,
  pixels: readonly number[],
  sensor: Sensor,
  rng: Rng,
): Float32Array {
  const { width, height, fx } = camera;
  const measured = new Float32Array(truth.length);
  const columns = Math.ceil(width / sensor.patch) + 2;
  const smooth = rng.normals(columns * (Math.ceil(height / sensor.patch) + 2));
  const clampU = (u: number): number => Math.min(width - 1, Math.max(0, u));
  const clampV = (v: number): number => Math.min(height - 1, Math.max(0, v));
  for (const pixel of pixels) {
    if (rng.chance(sensor.missing)) continue;
    let u = pixel % width;
    let v = (pixel - u) / width;
    const gu = u / sensor.patch;
    const gv = v / sensor.patch;
    u = clampU(Math.round(u + rng.normal(0, sensor.lateralNoise)));
    v = clampV(Math.round(v + rng.normal(0, sensor.lateralNoise)));
    let z = truth[v * width + u]!;
    if (z === 0) continue;
    const west = truth[v * width + clampU(u - 1)]!;
    const east = truth[v * width + clampU(u + 1)]!;
    const north = truth[clampV(v - 1) * width + u]!;
    const south = truth[clampV(v + 1) * width + u]!;
    const far = Math.max(west, east, north, south);
    const near = Math.min(west, east, north, south);
    if (near === 0 || far - near > edge) {
      const luck = rng.uniform();
      if (luck < sensor.missingAtEdges) continue;
      if (luck < sensor.missingAtEdges + sensor.flyingAtEdges && far > 0)
        z += rng.uniform() * ((Math.abs(far - z) > Math.abs(z - near) || near === 0 ? far : near) - z);
    } else {
      const slope = (Math.sqrt((east - west) ** 2 + (south - north) ** 2) / 2) * (fx / z);
      if (slope > sensor.grazing && rng.chance(0.8)) continue;
    }
    const i = Math.floor(gu);
    const j = Math.floor(gv);
    const a = gu - i;
    const b = gv - j;
    const at = j * columns + i;
    const slow =
      (1 - b) * ((1 - a) * smooth[at]! + a * smooth[at + 1]!) +
      b * ((1 - a) * smooth[at + columns]! + a * smooth[at + columns + 1]!);
    const mixed = sensor.correlation * 1.6 * slow + (1 - sensor.correlation) * rng.normal();
    z = z * sensor.scale + sensor.axialNoise * z * z * mixed;
    if (sensor.step > 0) {
      // Disparity is quantised: 1/z in steps of `step`, that is z in steps of about step·z².
      const q = Math.round(1 / (z * sensor.step));
      z = 1 / (q * sensor.step);
    }
    measured[pixel] = Math.round(z * 1000) / 1000;
  }
  return measured;
}
