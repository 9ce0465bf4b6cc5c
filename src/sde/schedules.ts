/**
 * @file Schedules as plain vectors: times or noise levels in the order in which a sampler visits them.
 */
import { assertInput } from "../check";

/** Range and shape of a noise schedule. */
export interface SigmaScheduleOptions {
  sigmaMin?: number;
  sigmaMax?: number;
  /** Curvature: 7 for `karrasSigmas`, 1 for `polyexponentialSigmas`. */
  rho?: number;
}

const defaults = { sigmaMin: 0.01, sigmaMax: 50 } satisfies SigmaScheduleOptions;

/** n noise levels σ(ramp), ramp from 1 (σ_max) down to 0 (σ_min), and a final 0. */
function schedule(where: string, n: number, min: number, max: number, sigma: (ramp: number) => number): Float64Array {
  assertInput(Number.isInteger(n) && n >= 1, `${where}: expected an integer n ≥ 1, got ${n}`);
  assertInput(min > 0 && min < max, `${where}: expected 0 < sigmaMin < sigmaMax, got ${min} and ${max}`);
  return Float64Array.from({ length: n + 1 }, (_, i) => (i === n ? 0 : sigma(n === 1 ? 1 : 1 - i / (n - 1))));
}

/**
 * σᵢ = (σ_max^{1/ρ} + i/(n−1)·(σ_min^{1/ρ} − σ_max^{1/ρ}))^ρ, then 0 (Karras et al. 2022, eq. 5; ρ = 7).
 *
 * @returns n + 1 numbers
 * @throws InputError unless n ≥ 1 and 0 < sigmaMin < sigmaMax
 */
export function karrasSigmas(n: number, options: SigmaScheduleOptions = {}): Float64Array {
  const { sigmaMin, sigmaMax, rho } = { ...defaults, rho: 7, ...options };
  const [low, high] = [sigmaMin ** (1 / rho), sigmaMax ** (1 / rho)];
  return schedule("karrasSigmas", n, sigmaMin, sigmaMax, (ramp) => (low + ramp * (high - low)) ** rho);
}

/** n noise levels evenly spaced in ln σ from σ_max to σ_min, then 0: for the VE-SDE, evenly spaced in time. */
export function exponentialSigmas(n: number, options: SigmaScheduleOptions = {}): Float64Array {
  return polyexponentialSigmas(n, { ...options, rho: 1 });
}

/** ln σᵢ = ln σ_min + rampᵢ^ρ·(ln σ_max − ln σ_min), ramp from 1 to 0, then 0 (k-diffusion; ρ = 1). */
export function polyexponentialSigmas(n: number, options: SigmaScheduleOptions = {}): Float64Array {
  const { sigmaMin, sigmaMax, rho } = { ...defaults, rho: 1, ...options };
  const logRatio = Math.log(sigmaMax / sigmaMin);
  return schedule("exponentialSigmas", n, sigmaMin, sigmaMax, (ramp) => sigmaMin * Math.exp(ramp ** rho * logRatio));
}

/**
 * steps + 1 times from t0 down to eps, evenly spaced (numpy's linspace, to the last bit).
 *
 * @throws InputError unless steps ≥ 1 and eps < t0
 */
export function timeGrid(t0: number, steps: number, eps: number = 1e-5): Float64Array {
  assertInput(Number.isInteger(steps) && steps >= 1, `timeGrid: expected an integer number of steps ≥ 1, got ${steps}`);
  assertInput(eps < t0, `timeGrid: expected eps < t0, got eps = ${eps} and t0 = ${t0}`);
  const width = (eps - t0) / steps;
  return Float64Array.from({ length: steps + 1 }, (_, i) => (i === steps ? eps : i * width + t0));
}
