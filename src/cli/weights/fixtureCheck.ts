/**
 * @file Comparing what our networks compute from a weight file with what the library that wrote it computed.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Tensor } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { assertInput, InputError } from "../../check";
import { type JsonObject, jsonList, jsonObject } from "../../formats/jsonField";
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

/** The line of something that a fixture's json names, or that it cannot be checked without, and that is not there. */
export const missing = (item: string, path: string, why: string): FixtureResult => ({
  item,
  passed: false,
  notes: [`missing ${path}: ${why}`],
});

/** Whether a json may name a file so: a name in the fixture's folder, no path out of it. */
export const isFileName = (name: unknown): name is string => typeof name === "string" && !/[/\\]|^\.{0,2}$/.test(name);

/** An `expected.json` and the arrays beside it. */
export class Fixture {
  readonly expected: Readonly<Record<string, unknown>>;
  /** Of the json, for errors. */
  readonly path: string;

  constructor(readonly folder: string) {
    this.path = join(folder, "expected.json");
    this.expected = readJsonObject("weights verify", this.path);
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
    return path.reduce<unknown>((value, key) => (value as JsonObject | null | undefined)?.[key], this.expected);
  }

  #named(path: readonly string[]): string {
    return `weights verify: ${this.path}, ${path.join(".")}`;
  }

  /** The object of keys at a path. @throws InputError if there is another value, or nothing in it */
  object(...path: string[]): JsonObject {
    const value = jsonObject(this.#named(path), this.entry(...path));
    assertInput(Object.keys(value).length > 0, `${this.#named(path)} is empty; take the original file`);
    return value;
  }

  /** The list at a path, empty where there is none. @throws InputError if there is another value, or nothing in it */
  list(...path: string[]): readonly unknown[] {
    const value = this.entry(...path);
    if (value === undefined) return [];
    assertInput(jsonList(this.#named(path), value).length > 0, `${this.#named(path)} is empty; take the original file`);
    return value as unknown[];
  }

  /** The array of an entry that names a file. @throws InputError if it names none */
  array(entry: unknown): NdArray {
    const file = (entry as { file?: unknown } | null | undefined)?.file;
    assertInput(file !== undefined, `weights verify: ${this.path} lacks a reference array; take the original file`);
    assertInput(
      isFileName(file),
      `weights verify: ${this.path} names ${JSON.stringify(file)}, which is no file's name`,
    );
    return readNpy(join(this.folder, "reference", file));
  }

  /** The lines of all arrays that the json lists and that are not there, also of those that nothing compares with. */
  missingArrays(item: string): FixtureResult[] {
    if (!this.has("reference")) return [missing(`${item}/reference`, "reference", "expected.json lists arrays in it")];
    const lost = new Set<string>();
    const visit = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      const { file } = value as { file?: unknown };
      if (isFileName(file) && !this.has("reference", file)) lost.add(join("reference", file));
      Object.values(value).forEach(visit);
    };
    visit(this.expected.reference);
    return [...lost].map((file) => missing(`${item}/${file}`, file, "expected.json lists it"));
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
    if (expected.length === 0) {
      this.#notes.push(`${quantity}: the reference is empty`);
      return;
    }
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

/**
 * Run a check; bad input is a failure with its sentence, not the end of the command. So is a json whose values have other
 * types than they should: nothing else in a check is anybody's input.
 */
export async function guarded(
  item: string,
  run: () => FixtureResult[] | Promise<FixtureResult[]>,
): Promise<FixtureResult[]> {
  const scope = tf.engine();
  scope.startScope();
  try {
    return await run();
  } catch (error) {
    const [reason] = (error as Error).message.split("\n");
    const sentence = `weights verify: ${item} cannot be computed from its files as its json describes it (${reason}); take the original files`;
    return [{ item, passed: false, notes: [error instanceof InputError ? error.message : sentence] }];
  } finally {
    scope.endScope();
  }
}
