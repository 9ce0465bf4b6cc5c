/**
 * @file EXR's PIZ compression: 16-bit words through a table of those that occur, a Haar wavelet, and Huffman codes.
 */

/** A block in words of 16 bits. */
export interface PizShape {
  width: number;
  lines: number;
  /** Words of one number of each channel: 1 (half) or 2. */
  words: readonly number[];
}

type Fail = () => Error;

const bitmapSize = 8192;
const alphabet = 65_537;
/** Codes are at most 58 bits long; a JavaScript number is exact up to 53, which no honest block exceeds. */
const longestCode = 52;

/** Codes up to this length are found in one look. */
const tableBits = 12;

/** Bits from the highest of each byte down. */
class BitReader {
  /** The next bits, the last read byte's lowest bit lowest. */
  #kept = 0;
  #count = 0;

  constructor(
    readonly bytes: Uint8Array,
    public at: number,
    readonly fail: Fail,
  ) {}

  /** The next 12 bits, zeros beyond the end, without going on. */
  peek(): number {
    while (this.#count < tableBits) {
      this.#kept = ((this.#kept << 8) | (this.bytes[this.at++] ?? 0)) & 0xfffff;
      this.#count += 8;
    }
    return (this.#kept >> (this.#count - tableBits)) & ((1 << tableBits) - 1);
  }

  /** Go on by at most 12 bits. */
  skip(count: number): void {
    this.#count -= count;
    if (this.at - (this.#count >> 3) > this.bytes.length) throw this.fail();
  }

  /** At most 12 bits. */
  bits(count: number): number {
    const value = this.peek() >> (tableBits - count);
    this.skip(count);
    return value;
  }

  /** The byte after the last bit. */
  get position(): number {
    return this.at - (this.#count >> 3);
  }
}

/** A canonical Huffman code: the codes of one length follow each other in the order of their symbols. */
interface HuffmanCode {
  /** By length: the first code. */
  first: Float64Array;
  /** By length: its symbols. */
  symbols: number[][];
  /** By the next 12 bits: 64·symbol + length of the code that they begin with, 0 if it is longer. */
  short: Int32Array;
}

/** Code lengths, 6 bits each; 59 … 62 are runs of 2 … 5 zeros, 63 with 8 bits more one of 6 … 261. */
function readCode(reader: BitReader, low: number, high: number): HuffmanCode {
  const symbols: number[][] = Array.from({ length: longestCode + 1 }, () => []);
  for (let symbol = low; symbol <= high; ) {
    const length = reader.bits(6);
    if (length === 63) symbol += reader.bits(8) + 6;
    else if (length >= 59) symbol += length - 57;
    else {
      if (length > longestCode) throw reader.fail();
      if (length > 0) symbols[length].push(symbol);
      symbol++;
    }
    if (symbol > high + 1) throw reader.fail();
  }
  const first = new Float64Array(longestCode + 1);
  let code = 0;
  for (let length = longestCode; length > 0; length--) {
    first[length] = code;
    code = Math.floor((code + symbols[length].length) / 2);
  }
  const short = new Int32Array(1 << tableBits);
  for (let length = 1; length <= tableBits; length++)
    symbols[length].forEach((symbol, i) => {
      const begin = (first[length] + i) * 2 ** (tableBits - length);
      short.fill(64 * symbol + length, begin, begin + 2 ** (tableBits - length));
    });
  return { first, symbols, short };
}

/** A symbol whose code is longer than 12 bits. */
function longSymbol(reader: BitReader, { first, symbols }: HuffmanCode): { symbol: number; length: number } {
  let code = reader.bits(tableBits);
  for (let length = tableBits + 1; length <= longestCode; length++) {
    code = 2 * code + reader.bits(1);
    const symbol = symbols[length][code - first[length]];
    if (symbol !== undefined) return { symbol, length };
  }
  throw reader.fail();
}

/** `count` words. The largest symbol of the code means: repeat the word before as often as the next 8 bits say. */
function unpackHuffman(packed: Uint8Array, count: number, fail: Fail): Uint16Array {
  if (packed.length < 20) throw fail();
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const [low, high, bitCount] = [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(12, true)];
  if (low >= alphabet || high >= alphabet || low > high) throw fail();
  const reader = new BitReader(packed, 20, fail);
  const code = readCode(reader, low, high);
  const data = new BitReader(packed, reader.position, fail);
  const words = new Uint16Array(count);
  let out = 0;
  for (let used = 0; used < bitCount && out < count; ) {
    const entry = code.short[data.peek()];
    let symbol = entry >> 6;
    let length = entry & 63;
    if (length > 0) data.skip(length);
    else ({ symbol, length } = longSymbol(data, code));
    used += length;
    if (symbol !== high) words[out++] = symbol;
    else {
      const times = data.bits(8);
      used += 8;
      if (out === 0 || out + times > count) throw fail();
      words.fill(words[out - 1], out, out + times);
      out += times;
    }
  }
  if (out !== count) throw fail();
  return words;
}

/** One step back of the wavelet: from (mean, difference) to the two words. */
type Step = (words: Uint16Array, mean: number, difference: number) => void;

/** For words below 2¹⁴ the difference is signed … */
const step14: Step = (words, a, b) => {
  const mean = (words[a] << 16) >> 16;
  const difference = (words[b] << 16) >> 16;
  const high = mean + (difference & 1) + (difference >> 1);
  words[a] = high;
  words[b] = high - difference;
};

/** … for others all is modulo 2¹⁶. */
const step16: Step = (words, a, b) => {
  const difference = words[b];
  const low = (words[a] - (difference >> 1)) & 0xffff;
  words[b] = low;
  words[a] = (difference + low - 0x8000) & 0xffff;
};

/** The inverse 2-D wavelet of a plane of width × height words, `stride` apart, from `start` on, in place. */
function undoWavelet(
  words: Uint16Array,
  start: number,
  width: number,
  height: number,
  stride: number,
  largest: number,
): void {
  const step = largest < 1 << 14 ? step14 : step16;
  const rowStride = width * stride;
  let p2 = 1;
  while (2 * p2 <= Math.min(width, height)) p2 *= 2;
  for (let p = p2 >> 1; p >= 1; p2 = p, p >>= 1) {
    const [right, down] = [p * stride, p * rowStride];
    let y = 0;
    for (; y + p2 <= height; y += p2) {
      let x = 0;
      for (; x + p2 <= width; x += p2) {
        const at = start + y * rowStride + x * stride;
        step(words, at, at + down);
        step(words, at + right, at + down + right);
        step(words, at, at + right);
        step(words, at + down, at + down + right);
      }
      if (width & p) {
        const at = start + y * rowStride + x * stride;
        step(words, at, at + down);
      }
    }
    if (height & p)
      for (let x = 0; x + p2 <= width; x += p2) {
        const at = start + y * rowStride + x * stride;
        step(words, at, at + right);
      }
  }
}

/** The words that occur, in order: number 0 is always 0. */
function readTable(packed: Uint8Array, fail: Fail): { table: Uint16Array; next: number } {
  if (packed.length < 4) throw fail();
  const low = packed[0] | (packed[1] << 8);
  const high = packed[2] | (packed[3] << 8);
  if (low >= bitmapSize || high >= bitmapSize) throw fail();
  const bitmap = new Uint8Array(bitmapSize);
  let next = 4;
  if (low <= high) {
    next += high - low + 1;
    if (next > packed.length) throw fail();
    bitmap.set(packed.subarray(4, next), low);
  }
  const words: number[] = [];
  for (let word = 0; word < 65_536; word++) if (word === 0 || (bitmap[word >> 3] >> (word & 7)) & 1) words.push(word);
  return { table: Uint16Array.from(words), next };
}

/**
 * The plain bytes of a block: for each line, for each channel, its numbers, little endian.
 *
 * @param fail makes the error for bytes that do not unpack to exactly the block
 */
export function unpackPiz(packed: Uint8Array, { width, lines, words }: PizShape, fail: Fail): Uint8Array {
  const { table, next } = readTable(packed, fail);
  if (next + 4 > packed.length) throw fail();
  const length = new DataView(packed.buffer, packed.byteOffset, packed.byteLength).getInt32(next, true);
  if (length < 0 || next + 4 + length > packed.length) throw fail();
  const perPixel = words.reduce((a, b) => a + b, 0);
  const data = unpackHuffman(packed.subarray(next + 4, next + 4 + length), width * lines * perPixel, fail);
  const starts: number[] = [];
  let at = 0;
  for (const count of words) {
    starts.push(at);
    for (let k = 0; k < count; k++) undoWavelet(data, at + k, width, lines, count, table.length - 1);
    at += width * lines * count;
  }
  const plain = new Uint8Array(2 * data.length);
  let to = 0;
  for (let line = 0; line < lines; line++)
    words.forEach((count, channel) => {
      const from = starts[channel] + line * width * count;
      for (let i = from; i < from + width * count; i++, to += 2) {
        const word = table[data[i]] ?? 0;
        plain[to] = word & 0xff;
        plain[to + 1] = word >> 8;
      }
    });
  return plain;
}
