/**
 * @file Reads fields of a network's `config.json`: missing ones have the library's defaults, unknown choices are refused.
 */
import { InputError } from "../../check";

/** A parsed `config.json`. */
export type RawConfig = Readonly<Record<string, unknown>>;

/** Fields of one configuration; `where` is named in errors. */
export class ConfigReader {
  constructor(
    readonly raw: RawConfig,
    readonly where: string,
  ) {}

  /** @throws InputError with the field, what it is and what it may be */
  fail(field: string, expected: string): never {
    throw new InputError(
      `${this.where}: ${field} is ${JSON.stringify(this.raw[field])}, expected ${expected}; this form of the network is not built here`,
    );
  }

  /** The field, or `fallback` where it is missing or null. */
  #value(field: string, fallback: unknown): unknown {
    return this.raw[field] ?? fallback;
  }

  /** A whole number of at least 1. */
  size(field: string, fallback?: number): number {
    const value = this.#value(field, fallback);
    const whole = typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 1 << 20;
    return whole ? value : this.fail(field, "a whole number of at least 1");
  }

  number(field: string, fallback: number): number {
    const value = this.#value(field, fallback);
    return typeof value === "number" && Number.isFinite(value) ? value : this.fail(field, "a number");
  }

  flag(field: string, fallback: boolean): boolean {
    const value = this.#value(field, fallback);
    return typeof value === "boolean" ? value : this.fail(field, "true or false");
  }

  choice<T extends string>(field: string, choices: readonly T[], fallback: T): T {
    const value = this.#value(field, fallback);
    return choices.find((choice) => choice === value) ?? this.fail(field, choices.join(" or "));
  }

  /** A list of whole numbers. */
  sizes(field: string, fallback: readonly number[]): number[] {
    const value = this.#value(field, fallback);
    const whole = Array.isArray(value) && value.length >= 1 && value.length <= 64;
    return whole && value.every((n) => Number.isInteger(n) && n >= 1 && n <= 1 << 20)
      ? (value as number[])
      : this.fail(field, "a list of whole numbers");
  }

  /** One whole number for each of `count` blocks: a single one, or a list. */
  perBlock(field: string, count: number, fallback: number): number[] {
    if (!Array.isArray(this.raw[field])) return new Array<number>(count).fill(this.size(field, fallback));
    const list = this.sizes(field, []);
    return list.length === count ? list : this.fail(field, `one number or ${count}`);
  }

  /** A list of names, each one of `choices`. */
  names<T extends string>(field: string, choices: readonly T[], fallback: readonly T[]): T[] {
    const value = this.#value(field, fallback);
    if (!Array.isArray(value) || value.length < 1 || value.length > 64) return this.fail(field, "a list of names");
    return value.map((name) => choices.find((choice) => choice === name) ?? this.fail(field, choices.join(", ")));
  }

  /** @throws InputError if one of the fields says something else than the value given (or is not null or missing) */
  only(expected: Readonly<Record<string, unknown>>): void {
    for (const [field, value] of Object.entries(expected)) {
      const found = this.raw[field];
      if (found !== undefined && found !== null && found !== value) this.fail(field, JSON.stringify(value));
    }
  }
}
