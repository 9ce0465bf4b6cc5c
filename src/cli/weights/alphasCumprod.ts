/**
 * @file The noise schedule of a diffusers scheduler.
 */
import { ConfigReader, type RawConfig } from "../../models/unet/configReader";

/** ᾱ_t = Π (1 − β_s), s ≤ t (Ho et al. 2020, eq. 4), β linear or linear in √β ("scaled_linear"). */
export function alphasCumprod(raw: RawConfig, where: string): Float64Array {
  const read = new ConfigReader(raw, where);
  const steps = read.size("num_train_timesteps", 1000);
  const [start, end] = [read.number("beta_start", 1e-4), read.number("beta_end", 0.02)];
  const scaled = read.choice("beta_schedule", ["linear", "scaled_linear"], "linear") === "scaled_linear";
  const kept = new Float64Array(steps);
  let product = 1;
  for (let t = 0; t < steps; t++) {
    const share = steps > 1 ? t / (steps - 1) : 0;
    const beta = scaled
      ? (Math.sqrt(start) + share * (Math.sqrt(end) - Math.sqrt(start))) ** 2
      : start + share * (end - start);
    product *= 1 - beta;
    kept[t] = product;
  }
  return kept;
}
