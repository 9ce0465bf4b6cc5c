/**
 * @file Comparing what our networks compute from a weight file with what the library that wrote it computed.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Tensor } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { assertInput, InputError } from "../../check";
import type { NdArray } from "../../formats/ndarray";
import { readNpy } from "../../formats/npy";
import { readJsonObject } from "../../formats/readJson";

/** |ours − reference| ≤ abs + rel·|reference|. */
export interface Tolerance {
  abs: number;
  rel: number;
}

/** What came of one weight file, or of one file that must be refused. */
export interface FixtureResult {
  /** Folder and part: "sd-tiny/unet". */
  item: string;
  passed: boolean;
  /** Numbers that were compared; undefined for a file that must be refused. */
  compared?: { quantities: number; numbers: number; largestError: number; tolerance: Tolerance };
  /** One sentence for each quantity that is off, or what the reader said. */
  notes: readonly string[];
}

const defaultTolerance: Tolerance = { abs: 2e-4, rel: 1e-3 };

/** An `expected.json` and the arrays beside it. */
export class Fixture {
  readonly expected: Readonly<Record<string, unknown>>;

  constructor(readonly folder: string) {
    this.expected = readJsonObject("weights verify", join(folder, "expected.json"));
  }

  /** The tolerance of the file, or of one of its quantities. */
  tolerance(quantity?: string): Tolerance {
    const all = this.expected.tolerance as Record<string, unknown> | undefined;
    const own = (quantity ? all?.[quantity] : undefined) ?? all;
    const { abs, rel } = (own ?? {}) as Partial<Tolerance>;
    return { abs: abs ?? defaultTolerance.abs, rel: rel ?? defaultTolerance.rel };
  }

  /** The entry of the reference at a path of keys: `{file, shape}`, a list, or more keys. */
  entry(...path: string[]): unknown {
    return path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], this.expected);
  }

  /** The array of an entry that names a file. @throws InputError if it names none */
  array(entry: unknown): NdArray {
    const file = (entry as { file?: unknown } | undefined)?.file;
    assertInput(typeof file === "string", `weights verify: ${this.folder}/expected.json lacks a reference array`);
    assertInput(!/[/\\]|^\.\.?$/.test(file), `weights verify: ${this.folder}/expected.json names ${file}, a path`);
    return readNpy(join(this.folder, "reference", file));
  }

  has(...path: string[]): boolean {
    return existsSync(join(this.folder, ...path));
  }
}

/** Numbers of an array as float32 or as they are. @throws InputError for text and 64-bit integers */
export function floats({ data, dtype }: NdArray): Float32Array {
  assertInput(
    !Array.isArray(data) && !/64$/.test(dtype.replace("float64", "")),
    `weights verify: an array of ${dtype}`,
  );
  return Float32Array.from(data as ArrayLike<number>);
}

/** [B, C, H, W] → a tensor [B, H, W, C]. */
export const channelsLast = (array: NdArray): Tensor => {
  const tensor = tf.tensor(floats(array), array.shape);
  return array.shape.length === 4 ? tf.transpose(tensor, [0, 2, 3, 1]) : tensor;
};

/** The numbers of a tensor in PyTorch's order: maps [B, H, W, C] as [B, C, H, W]. */
export function channelsFirst(tensor: Tensor): Float32Array {
  if (tensor.rank !== 4) return tensor.dataSync() as Float32Array;
  const turned = tf.transpose(tensor, [0, 3, 1, 2]);
  const numbers = turned.dataSync() as Float32Array; // not within a tidy, which would walk through each of them
  turned.dispose();
  return numbers;
}

/** Gathers comparisons of one weight file. */
export class Comparison {
  #quantities = 0;
  #numbers = 0;
  #largest = 0;
  readonly #notes: string[] = [];

  constructor(
    readonly item: string,
    readonly tolerance: Tolerance,
  ) {}

  add(quantity: string, ours: ArrayLike<number>, reference: NdArray): void {
    const { tolerance } = this;
    const expected = reference.data as ArrayLike<number>;
    this.#quantities++;
    this.#numbers += expected.length;
    if (ours.length !== expected.length) {
      this.#notes.push(`${quantity}: ${ours.length} numbers instead of ${expected.length}`);
      return;
    }
    let off = 0;
    let worst = 0;
    for (let i = 0; i < expected.length; i++) {
      const wanted = Number(expected[i]);
      const error = Math.abs(ours[i] - wanted);
      // Written so that NaN is off.
      if (!(error <= worst)) worst = error;
      if (!(error <= tolerance.abs + tolerance.rel * Math.abs(wanted))) off++;
    }
    if (!(worst <= this.#largest)) this.#largest = worst;
    if (off > 0) this.#notes.push(`${quantity}: ${off} of ${expected.length} numbers are off, by up to ${worst}`);
  }

  result(): FixtureResult {
    return {
      item: this.item,
      passed: this.#notes.length === 0 && this.#quantities > 0,
      compared: {
        quantities: this.#quantities,
        numbers: this.#numbers,
        largestError: this.#largest,
        tolerance: this.tolerance,
      },
      notes: this.#quantities > 0 ? this.#notes : ["nothing was compared"],
    };
  }
}

/** Run a check; bad input is a failure with its sentence, not the end of the command. */
export async function guarded(
  item: string,
  run: () => FixtureResult[] | Promise<FixtureResult[]>,
): Promise<FixtureResult[]> {
  const scope = tf.engine();
  scope.startScope();
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [{ item, passed: false, notes: [error.message] }];
  } finally {
    scope.endScope();
  }
}
