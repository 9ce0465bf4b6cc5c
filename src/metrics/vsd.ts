/**
 * @file Visible surface discrepancy: how much of what can be seen of an object lies elsewhere (Hodaň et al., ECCV 2018).
 */
import { assertFinite, assertInput, assertShape } from "../check";
import { backProject, type Camera } from "../geometry/camera";
import { norm } from "../geometry/vector";

/** Depth along z, height × width, row-major, 0 where nothing is; one unit of length for all (metres in this library). */
export interface VsdDepths {
  /** What the sensor saw. */
  scene: ArrayLike<number>;
  /** The model rendered in the true pose. */
  truth: ArrayLike<number>;
  /** The model rendered in the predicted pose. */
  predicted: ArrayLike<number>;
}

/** Options of `vsd`. */
export interface VsdOptions {
  /** δ: how far behind what the sensor saw a surface counts as visible. */
  delta: number;
  /** τ: a pixel whose distances differ by less is right. In lengths, or with `diameter` in diameters. */
  taus: readonly number[];
  /** Distances are divided by it before they are compared with τ. */
  diameter?: number;
  /** What a pixel costs: 1 from τ on (BOP), or the difference over τ, at most 1 (ECCVW 2016). */
  cost?: "step" | "linear";
  /** Whether a surface is visible where the sensor saw nothing: yes since BOP'19. */
  missing?: "visible" | "hidden";
}

/** What `vsd` finds. */
export interface Vsd {
  /** By τ, in [0, 1]. */
  errors: number[];
  /** Pixels in which the true and the predicted surface are visible. */
  visibleTruth: number;
  visiblePredicted: number;
}

const defaults = { diameter: 1, cost: "step", missing: "visible" } satisfies Partial<VsdOptions>;

/**
 * e(τ) = mean over the union of the two visible surfaces V, V̂ of: 1 outside V ∩ V̂, else the cost of |D(p) − D̂(p)|; D are
 * distances from the camera's centre, not depths. A surface is visible where it is at most δ behind what the sensor saw
 * (compared in float32, as published); the predicted one also where the true one is. An empty union gives 1.
 *
 * @throws InputError unless the three images fit the camera, τ and δ are not negative and the diameter is positive
 */
export function vsd(depths: VsdDepths, camera: Camera, options: VsdOptions): Vsd {
  const { delta, taus, diameter, cost, missing } = { ...defaults, ...options };
  const { width, height } = camera;
  const { scene, truth, predicted } = depths;
  for (const [name, depth] of Object.entries(depths)) assertShape(`vsd, ${name} depth`, depth, [height, width]);
  assertFinite("vsd", [delta, diameter, ...taus]);
  assertInput(
    delta >= 0 && diameter > 0 && taus.length > 0 && taus.every((tau) => tau > 0),
    `vsd: δ = ${delta}, τ = ${taus.join(", ")}, diameter ${diameter}; τ and the diameter must be positive, δ not negative`,
  );
  const visible = (inScene: number, inModel: number): boolean =>
    inModel > 0 &&
    (inScene === 0 ? missing === "visible" : Math.fround(Math.fround(inModel) - Math.fround(inScene)) <= delta);

  const costs = new Float64Array(taus.length);
  let [visibleTruth, visiblePredicted, union, both] = [0, 0, 0, 0];
  for (let v = 0, pixel = 0; v < height; v++)
    for (let u = 0; u < width; u++, pixel++) {
      if (truth[pixel] === 0 && predicted[pixel] === 0) continue;
      const distance = (z: number): number => norm(backProject(camera, u, v, z));
      const [inScene, inTruth, inPrediction] = [
        distance(scene[pixel]),
        distance(truth[pixel]),
        distance(predicted[pixel]),
      ];
      const seen = visible(inScene, inTruth);
      const seenPredicted = visible(inScene, inPrediction) || (seen && inPrediction > 0);
      if (seen) visibleTruth++;
      if (seenPredicted) visiblePredicted++;
      if (seen || seenPredicted) union++;
      if (!(seen && seenPredicted)) continue;
      both++;
      const difference = Math.abs(inTruth - inPrediction) / diameter;
      for (let k = 0; k < taus.length; k++)
        costs[k] += cost === "step" ? Number(difference >= taus[k]) : Math.min(1, difference / taus[k]);
    }
  const errors = taus.map((_, k) => (union === 0 ? 1 : (costs[k] + union - both) / union));
  return { errors, visibleTruth, visiblePredicted };
}
