/**
 * @file The same photo taken again: another exposure, white balance, contrast and grain.
 */
import { Rng } from "../../random";

/** Numbers of a normal distribution, made once: drawing one for every byte would cost more than the rendering. */
const grainTable = new Rng(0).split("grain").normals(1 << 14);

/**
 * Change RGB pictures in place, all by the same exposure, white balance and contrast; the first gets a grain of any
 * strength, the others a little.
 */
export function developAnew(pictures: readonly Uint8Array[], rng: Rng): void {
  const exposure = rng.uniform(0.75, 1.25);
  const contrast = rng.uniform(0.8, 1.2);
  const gains = [0, 1, 2].map(() => contrast * exposure * rng.uniform(0.88, 1.12));
  const offset = 110 * (1 - contrast);
  for (const picture of pictures) {
    const grain = picture === pictures[0] ? rng.uniform(0.5, 4) : 1.5;
    const from = rng.integer(grainTable.length);
    for (let i = 0; i < picture.length; i++) {
      const value = gains[i % 3] * picture[i] + offset + grain * grainTable[(from + i) & (grainTable.length - 1)];
      picture[i] = Math.max(0, Math.min(255, value));
    }
  }
}
