/** Damages a file as discs, downloads and ill will do. */
import type { Rng } from "../../src/random";

/** Numbers that sizes and offsets are broken with. */
const awkward = [0, 1, -1, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
const awkwardTexts = [
  "-1", "0", "1e999", "-0", "NaN", "null", "[]", "{}", '""', "true", "9007199254740993", "99999999999999999999", "1e-320",
  '"../../../../etc/passwd"', "[[[[[[[[", '"__proto__"', '"constructor"', "\u0000", "0x10", "é", "1 2 3", '{"__proto__":1}', ","]; // biome-ignore format: a list

const at = (rng: Rng, bytes: Uint8Array): number => rng.integer(Math.max(1, bytes.length));

function overwrite(bytes: Buffer, rng: Rng): Buffer {
  const value = awkward[rng.integer(awkward.length)];
  const width = [1, 2, 4, 8][rng.integer(4)];
  const from = at(rng, bytes);
  for (let k = 0; k < width && from + k < bytes.length; k++) {
    const place = rng.chance(0.8) ? k : width - 1 - k; // little endian, or big
    bytes[from + k] = place < 4 ? (value >>> (8 * place)) & 255 : value < 0 ? 255 : 0;
  }
  return bytes;
}

/** A number, a text or a name of a text file becomes something awkward. */
function replaceWord(bytes: Buffer, rng: Rng): Buffer {
  const text = bytes.toString("latin1");
  const words = [...text.matchAll(/-?\d[\d.eE+-]*|"[^"\n]{0,40}"|[A-Za-z_]{3,}/g)];
  if (words.length === 0) return bytes;
  const word = words[rng.integer(words.length)];
  const other = rng.chance(0.7) ? awkwardTexts[rng.integer(awkwardTexts.length)] : words[rng.integer(words.length)][0];
  return Buffer.from(text.slice(0, word.index) + other + text.slice(word.index + word[0].length), "latin1");
}

const damages: readonly ((bytes: Buffer, rng: Rng, other: Uint8Array) => Buffer)[] = [
  (bytes, rng) => bytes.subarray(0, at(rng, bytes)),
  (bytes, rng) => {
    bytes[at(rng, bytes)] ^= 1 << rng.integer(8);
    return bytes;
  },
  (bytes, rng) => {
    bytes[at(rng, bytes)] = rng.integer(256);
    return bytes;
  },
  overwrite,
  overwrite,
  replaceWord,
  replaceWord,
  (bytes, rng) => {
    const [a, b] = [at(rng, bytes), rng.integer(64)];
    return Buffer.concat([bytes.subarray(0, a), bytes.subarray(a + b)]);
  },
  (bytes, rng) => {
    const [a, b, c] = [at(rng, bytes), at(rng, bytes), 1 + rng.integer(64)];
    return Buffer.concat([bytes.subarray(0, a), bytes.subarray(b, b + c), bytes.subarray(a)]);
  },
  (bytes, rng) => {
    const noise = Buffer.from(Array.from({ length: 1 + rng.integer(16) }, () => rng.integer(256)));
    const a = at(rng, bytes);
    return Buffer.concat([bytes.subarray(0, a), noise, bytes.subarray(a)]);
  },
  (bytes, rng, other) => Buffer.concat([bytes.subarray(0, at(rng, bytes)), other.subarray(at(rng, other))]),
  (bytes, rng) => Buffer.from(bytes.fill(rng.integer(256), at(rng, bytes))),
];

/** The bytes with one to four damages; `other` is spliced in now and then. */
export function mutate(original: Uint8Array, rng: Rng, other: Uint8Array): Buffer {
  let bytes: Buffer = Buffer.from(original);
  const count = rng.chance(0.6) ? 1 : 2 + rng.integer(3);
  for (let i = 0; i < count; i++) bytes = Buffer.from(damages[rng.integer(damages.length)](bytes, rng, other));
  return bytes;
}
