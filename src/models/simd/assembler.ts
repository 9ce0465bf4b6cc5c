/**
 * @file Just enough of the WebAssembly binary format (W3C, "WebAssembly Core Specification 2.0", section 5) to write
 * one function of 128-bit arithmetic.
 */

/** Bytes of code. */
export type Code = readonly number[];

/** Unsigned LEB128. */
export const unsigned = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];

/** Signed LEB128 of a 32-bit integer. */
function signed(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >> 7;
  const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
  return done ? [low] : [low | 0x80, ...signed(rest)];
}

/** Instructions; operands that are code come first and are evaluated in order. */
export const wasm = {
  i32: (value: number): Code => [0x41, ...signed(value)],
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)],
  add: (a: Code, b: Code): Code => [...a, ...b, 0x6a],
  sub: (a: Code, b: Code): Code => [...a, ...b, 0x6b],
  mul: (a: Code, b: Code): Code => [...a, ...b, 0x6c],
  shiftLeft: (a: Code, b: Code): Code => [...a, ...b, 0x74],
  less: (a: Code, b: Code): Code => [...a, ...b, 0x48],
  when: (condition: Code, then: Code): Code => [...condition, 0x04, 0x40, ...then, 0x0b],
  /** Runs `body` at least once, again while `condition` holds after it. */
  doWhile: (body: Code, condition: Code): Code => [0x03, 0x40, ...body, ...condition, 0x0d, 0x00, 0x0b],
  load: (address: Code, offset: number): Code => [...address, 0xfd, 0x00, 0x02, ...unsigned(offset)],
  loadSplat: (address: Code, offset: number): Code => [...address, 0xfd, 0x09, 0x02, ...unsigned(offset)],
  store: (address: Code, offset: number, value: Code): Code => [
    ...address,
    ...value,
    0xfd,
    0x0b,
    0x02,
    ...unsigned(offset),
  ],
  /** 16 bits, unsigned. */
  load16: (address: Code, offset: number): Code => [...address, 0x2f, 0x01, ...unsigned(offset)],
  load32: (address: Code, offset: number): Code => [...address, 0x28, 0x02, ...unsigned(offset)],
  /** Eight signed bytes as eight 16-bit integers. */
  loadBytes: (address: Code, offset: number): Code => [...address, 0xfd, 0x01, 0x00, ...unsigned(offset)],
  /** The vector with one 32-bit lane from memory. */
  loadLane: (address: Code, vector: Code, lane: number): Code => [...address, ...vector, 0xfd, 0x56, 0x02, 0x00, lane],
  /** a₀b₀ + a₁b₁, … of eight 16-bit integers as four 32-bit ones. */
  dotPairs: (a: Code, b: Code): Code => [...a, ...b, 0xfd, 0xba, 0x01],
  addIntegers: (a: Code, b: Code): Code => [...a, ...b, 0xfd, 0xae, 0x01],
  toFloats: (a: Code): Code => [...a, 0xfd, 0xfa, 0x01],
  addFloats: (a: Code, b: Code): Code => [...a, ...b, 0xfd, 0xe4, 0x01],
  multiplyFloats: (a: Code, b: Code): Code => [...a, ...b, 0xfd, 0xe6, 0x01],
  /** a where a > b, else 0; lane by lane. */
  whereGreater: (a: Code, b: Code): Code => [...a, ...a, ...b, 0xfd, 0x44, 0xfd, 0x4e],
  /** 32-bit lanes of two vectors: 0 … 3 of the first, 4 … 7 of the second. */
  shuffle: (a: Code, b: Code, lanes: readonly [number, number, number, number]): Code => [
    ...a,
    ...b,
    0xfd,
    0x0d,
    ...lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]),
  ],
  zeros: [0xfd, 0x0c, ...new Array<number>(16).fill(0)] as Code,
  /** NaN stays NaN. */
  max: (a: Code, b: Code): Code => [...a, ...b, 0xfd, 0xe9, 0x01],
  /** a·b + c, rounded twice. */
  multiplyAdd: (a: Code, b: Code, c: Code): Code => [...c, ...a, ...b, 0xfd, 0xe6, 0x01, 0xfd, 0xe4, 0x01],
  /** a·b + c in one instruction where the processor has it ("relaxed SIMD"). */
  relaxedMultiplyAdd: (a: Code, b: Code, c: Code): Code => [...a, ...b, ...c, 0xfd, 0x85, 0x02],
};

const i32Type = 0x7f;
const v128Type = 0x7b;

/**
 * A module that imports the memory `env.memory` and exports one function `run` without result.
 *
 * Locals 0 … parameters − 1 are the i32 parameters, then come `integers` i32 and `vectors` v128 locals.
 */
export function assemble(
  locals: { parameters: number; integers: number; vectors: number },
  body: Code,
): Uint8Array<ArrayBuffer> {
  const sized = (bytes: readonly number[]): number[] => [...unsigned(bytes.length), ...bytes];
  const text = (name: string): number[] => sized([...name].map((letter) => letter.charCodeAt(0)));
  const section = (id: number, items: readonly number[]): number[] => [id, ...sized([1, ...items])];
  const parameters = new Array<number>(locals.parameters).fill(i32Type);
  const declared = [2, ...unsigned(locals.integers), i32Type, ...unsigned(locals.vectors), v128Type];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
    ...section(1, [0x60, ...sized(parameters), 0x00]), // types: (i32 …) → ()
    ...section(2, [...text("env"), ...text("memory"), 0x02, 0x00, 0x01]), // imports: a memory of ≥ 1 page
    ...section(3, [0x00]), // functions: one, of type 0
    ...section(7, [...text("run"), 0x00, 0x00]), // exports
    ...section(10, sized([...declared, ...body, 0x0b])), // code
  ]);
}
