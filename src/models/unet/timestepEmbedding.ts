/**
 * @file The diffusion step as a vector: sines and cosines of falling frequency (Vaswani et al. 2017, section 3.5).
 */

/**
 * Row i: [cos(t·ω) | sin(t·ω)] or [sin | cos], ω_k = 10000^(−k/(width/2 − shift)).
 *
 * @param steps [B]
 * @returns [B, width], row after row; an odd last column is 0
 */
export function timestepFeatures(
  steps: ArrayLike<number>,
  { width, cosineFirst, frequencyShift }: { width: number; cosineFirst: boolean; frequencyShift: number },
): Float32Array {
  const half = Math.floor(width / 2);
  const features = new Float32Array(steps.length * width);
  for (let row = 0; row < steps.length; row++)
    for (let k = 0; k < half; k++) {
      const angle = steps[row] * 10_000 ** (-k / (half - frequencyShift));
      features[row * width + k] = cosineFirst ? Math.cos(angle) : Math.sin(angle);
      features[row * width + half + k] = cosineFirst ? Math.sin(angle) : Math.cos(angle);
    }
  return features;
}
