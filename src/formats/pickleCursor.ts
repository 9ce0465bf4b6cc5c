/**
 * @file Reads the arguments of pickle opcodes from bytes; every length is checked against what the file has left.
 */
import { assertInput, InputError } from "../check";

/** Longest line of a protocol-0 argument that is not text (numbers, module names, memo keys). */
const maxLine = 4096;
/** Longest integer, in bytes or digits: conversion is quadratic in the length. */
const maxIntegerLength = 1024;

/** A number where it is exact, a bigint beyond ±(2⁵³ − 1). */
export const integer = (value: bigint): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};

/** A position in the bytes of a pickle. */
export class PickleCursor {
  position = 0;
  readonly #bytes: Buffer;

  constructor(
    bytes: Uint8Array,
    readonly where: string,
  ) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** @throws InputError with `problem`, the place and the byte. */
  fail(problem: string): never {
    throw new InputError(`${this.where}: ${problem} (byte ${this.position})`);
  }

  /** The next `length` bytes, not copied. @throws InputError if the file has fewer. */
  take(length: number | bigint): Buffer {
    const left = this.#bytes.length - this.position;
    assertInput(
      length <= left,
      `${this.where}: the pickle is truncated: byte ${this.position} announces ${length} more bytes, the file has ${left}; copy the file again`,
    );
    const from = this.position;
    this.position += Number(length);
    return this.#bytes.subarray(from, this.position);
  }

  /** Read without a buffer of its own: there is one opcode at every few bytes. */
  uint8(): number {
    if (this.position >= this.#bytes.length) this.take(1);
    return this.#bytes[this.position++];
  }

  uint16(): number {
    return this.take(2).readUInt16LE();
  }

  int32(): number {
    return this.take(4).readInt32LE();
  }

  uint32(): number {
    return this.take(4).readUInt32LE();
  }

  uint64(): bigint {
    return this.take(8).readBigUInt64LE();
  }

  float64(): number {
    return this.take(8).readDoubleBE();
  }

  /** Protocol-2 integers: two's complement, little endian, `length` bytes. */
  twosComplement(length: number): number | bigint {
    if (length < 0 || length > maxIntegerLength)
      this.fail(`an integer of ${length} bytes is too long; at most ${maxIntegerLength} are read`);
    const bytes = Uint8Array.from(this.take(length)).reverse();
    if (bytes.length === 0) return 0;
    const unsigned = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
    return integer(BigInt.asIntN(8 * length, unsigned));
  }

  /** The text up to the next newline, latin-1. @throws InputError if there is none, or where it comes too late. */
  line(longest: number = maxLine): string {
    const end = this.#bytes.indexOf(10, this.position);
    if (end < 0) this.fail("the pickle is truncated: a line lacks its end; copy the file again");
    if (end - this.position > longest)
      this.fail(`a line is longer than ${longest} characters; this is no pickle of arrays`);
    const text = this.#bytes.toString("latin1", this.position, end).replace(/\r$/, "");
    this.position = end + 1;
    return text;
  }

  /** A protocol-0 integer: "42", "42L", and "00", "01" for booleans. */
  decimal(booleans: boolean): number | bigint | boolean {
    const text = this.line();
    if (booleans && (text === "00" || text === "01")) return text === "01";
    if (!/^[+-]?\d+L?$/.test(text) || text.length > maxIntegerLength)
      this.fail(`${JSON.stringify(text.slice(0, 40))} is no integer; the file is damaged`);
    return integer(BigInt(text.replace("L", "").replace("+", "")));
  }

  /** A protocol-0 float, as Python's repr writes it. */
  decimalFloat(): number {
    const text = this.line().trim();
    const special: Record<string, number> = { nan: Number.NaN, inf: Infinity, "-inf": -Infinity };
    const value = special[text.toLowerCase()] ?? Number(text === "" ? "?" : text);
    if (Number.isNaN(value) && text.toLowerCase() !== "nan")
      this.fail(`${JSON.stringify(text.slice(0, 40))} is no number; the file is damaged`);
    return value;
  }

  /** A protocol-0 Python-2 string: its repr, in quotes and with backslash escapes; latin-1. */
  quotedString(): string {
    const text = this.line(Infinity);
    const quote = text[0];
    if (text.length < 2 || (quote !== "'" && quote !== '"') || text.at(-1) !== quote)
      this.fail("a string lacks its quotes; the file is damaged");
    const named: Record<string, string> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };
    return text.slice(1, -1).replace(/\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([\s\S]))/g, (_, hex, octal, letter) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255);
      return named[letter] ?? ("\\'\"".includes(letter) ? letter : `\\${letter}`);
    });
  }

  /** A protocol-0 unicode string: raw-unicode-escape, i.e. latin-1 with \uXXXX and \UXXXXXXXX. */
  rawUnicode(): string {
    return this.line(Infinity).replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, short, long) => {
      const code = Number.parseInt(short ?? long, 16);
      if (code > 0x10ffff) this.fail(`\\U${long} is no character; the file is damaged`);
      return short === undefined ? String.fromCodePoint(code) : String.fromCharCode(code);
    });
  }
}
