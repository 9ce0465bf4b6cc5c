/**
 * @file The only source of chance in the library: seeded, splittable into named streams.
 */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

/** FNV-1a of a text, mixed with a seed: the seed of a named stream. */
function hash(seed: number, name: string): number {
  let h = (seed ^ 0x811c9dc5) >>> 0;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * A random stream. The same seed gives the same numbers on every machine.
 *
 * `new Rng(7).split("noise")` is an independent stream that depends on 7 and "noise" only, not on what was
 * drawn before: adding a draw to one stream moves no other. Give every hypothesis a stream of its own
 * (`rng.split(k)`) and a result no longer depends on the batch size.
 */
export class Rng {
  readonly seed: number;
  #generator: RandomGenerator;
  #spare = Number.NaN;

  constructor(seed: number) {
    if (!Number.isInteger(seed)) throw new Error(`Rng: the seed must be an integer, got ${seed}`);
    this.seed = seed >>> 0;
    this.#generator = xoroshiro128plus(this.seed);
  }

  /** An independent stream named `name`; it depends on this stream's seed, not on its position. */
  split(name: string | number): Rng {
    return new Rng(hash(this.seed, String(name)));
  }

  /** A number from U[low, high). */
  uniform(low: number = 0, high: number = 1): number {
    return low + (high - low) * uniformFloat64(this.#generator);
  }

  /** A number from N(mean, deviation²), by Box–Muller. */
  normal(mean: number = 0, deviation: number = 1): number {
    if (!Number.isNaN(this.#spare)) {
      const z = this.#spare;
      this.#spare = Number.NaN;
      return mean + deviation * z;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return mean + deviation * radius * Math.cos(angle);
  }

  /** `n` draws from N(0, 1), float64. */
  normals(n: number): Float64Array {
    return Float64Array.from({ length: n }, () => this.normal());
  }

  /** An integer from {0, …, n − 1}. */
  integer(n: number): number {
    if (!(n >= 1)) throw new Error(`Rng.integer: n must be at least 1, got ${n}`);
    return Math.floor(this.uniform() * n);
  }

  /** true with the given probability. */
  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** One element of a non-empty list. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error("Rng.pick: the list is empty; give at least one item");
    return items[this.integer(items.length)] as T;
  }

  /** A random order of 0 … n − 1 (Fisher–Yates). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const kept = order[i] as number;
      order[i] = order[j] as number;
      order[j] = kept;
    }
    return order;
  }
}
