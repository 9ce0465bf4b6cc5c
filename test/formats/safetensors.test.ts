import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../src/check";
import { halfToNumber, numberToHalf } from "../../src/formats/float16";
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from "../../src/formats/safetensors";

const fixture = (name: string): string => join(__dirname, "..", "fixtures", "formats", name);

/** A file with any header text. */
function withHeader(header: string, data: number): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

test("a file of another program is read: names, shapes, dtypes, numbers", () => {
  const path = fixture("text_encoder.safetensors");
  const { tensors, metadata } = readSafetensors(path);
  expect(metadata).toEqual({ format: "pt" });
  expect(tensors.size).toBe(37);
  const ids = [...tensors].find(([name]) => name.endsWith("position_ids"))![1];
  expect(ids.dtype).toBe("I64");
  expect([...(ids.data as BigInt64Array)].slice(0, 3)).toEqual([0n, 1n, 2n]);
  for (const { shape, data } of tensors.values()) expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
  // By path (array by array) and from bytes: the same.
  expect(readSafetensors(new Uint8Array(readFileSync(path)))).toEqual({ tensors, metadata });
  expect(readSafetensors(path, { only: (name) => name.endsWith("position_ids") }).tensors.size).toBe(1);
  expect(readSafetensorsMetadata(path)).toEqual(metadata);
});

test.each([
  ["beyond_end", /truncated/],
  ["huge_header", /claims a header of 4611686018427387904 bytes/],
  ["overlapping", /share bytes/],
  ["shape_mismatch", /needs/],
])("%s.safetensors is refused in one sentence", (name, sentence) => {
  const read = (): unknown => readSafetensors(fixture(`${name}.safetensors`));
  expect(read).toThrow(InputError);
  expect(read).toThrow(sentence);
  try {
    read();
  } catch (error) {
    expect((error as Error).message).not.toContain("\n");
  }
});

test.each([
  ["no JSON", withHeader("{]", 0), /not JSON/],
  ["a list", withHeader("[]", 0), /not a JSON object/],
  ["an unknown dtype", withHeader('{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}', 1), /F8_E4M3/],
  [
    "the dtype constructor",
    withHeader('{"a":{"dtype":"constructor","shape":[1],"data_offsets":[0,1]}}', 1),
    /known types/,
  ],
  ["a negative size", withHeader('{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}', 1), /shape/],
  ["a huge shape", withHeader('{"a":{"dtype":"U8","shape":[9007199254740991,9],"data_offsets":[0,1]}}', 1), /needs/],
  ["a range backwards", withHeader('{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}', 1), /range/],
  ["a hole", withHeader('{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}', 2), /hole/],
  ["bytes left over", withHeader('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 2), /after its last/],
  ["metadata that is no text", withHeader('{"__metadata__":{"a":1}}', 0), /not a text/],
  ["no object", withHeader('{"a":null}', 0), /not an object/],
  ["an empty file", new Uint8Array(), /0 bytes/],
  ["another format", new TextEncoder().encode("\x89PNG\r\n\x1a\n and so on"), /no safetensors/],
])("%s is refused", (_, bytes, sentence) => {
  expect(() => readSafetensors(bytes)).toThrow(InputError);
  expect(() => readSafetensors(bytes)).toThrow(sentence);
});

test("every truncation of a good file is refused", () => {
  const bytes = writeSafetensors(new Map([["a", { shape: [2, 2], data: new Float32Array(4) }]]), { key: "text" });
  for (let n = 0; n < bytes.length; n++) expect(() => readSafetensors(bytes.subarray(0, n))).toThrow(InputError);
  expect(() => readSafetensors(join(tmpdir(), "no such file"))).toThrow(/cannot open/);
  expect(() => readSafetensors(tmpdir())).toThrow(InputError);
});

test("what is written is read again, whatever the names and numbers; the same content gives the same bytes", () => {
  const array = fc.oneof(
    fc.float32Array(),
    fc.float64Array(),
    fc.int32Array(),
    fc.int16Array(),
    fc.int8Array(),
    fc.uint8Array(),
    fc.uint16Array(),
    fc.uint32Array(),
    fc.bigInt64Array(),
  );
  const name = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("__proto__", "constructor", "1", "0", "Größe/β"),
  );
  const folder = mkdtempSync(join(tmpdir(), "safetensors-"));
  const path = join(folder, "a.safetensors");
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(name, array), { selector: ([n]) => n, maxLength: 6 }),
      fc.string(),
      (list, text) => {
        const entries = list.map(([n, data]): [string, { shape: number[]; data: typeof data }] => [
          n,
          { shape: [1, data.length], data },
        ]);
        const bytes = writeSafetensors(new Map(entries), { text, b: "" });
        expect(writeSafetensors(new Map([...entries].reverse()), { b: "", text })).toEqual(bytes);
        writeFileSync(path, bytes);
        for (const file of [bytes, path]) {
          const read = readSafetensors(file);
          expect(read.metadata).toEqual({ text, b: "" });
          expect(read.tensors.size).toBe(list.length);
          for (const [n, data] of list) {
            const found = read.tensors.get(n)!;
            expect(found.shape).toEqual([1, data.length]);
            expect(found.data).toEqual(data);
          }
        }
      },
    ),
    { numRuns: 100 },
  );
  rmSync(folder, { recursive: true });
  expect(() => writeSafetensors(new Map([["a", { shape: [3], data: new Float32Array(2) }]]))).toThrow(InputError);
});

test("numbers in half precision: every half comes back, others go to the nearest, ties to even", () => {
  for (let half = 0; half < 0x10000; half++) {
    const value = halfToNumber(half);
    if (!Number.isNaN(value) && numberToHalf(value) !== half) throw new Error(`${half} became ${numberToHalf(value)}`);
  }
  expect(halfToNumber(numberToHalf(Number.NaN))).toBeNaN();
  // Halfway between two neighbours, a little above and below it.
  for (const lower of [0, 1, 2, 1022, 1023, 1024, 1025, 0x3c00, 0x3c01, 0x7bfe]) {
    const [a, b] = [halfToNumber(lower), halfToNumber(lower + 1)];
    const middle = (a + b) / 2;
    const step = (b - a) / 64;
    expect(numberToHalf(middle)).toBe(lower % 2 === 0 ? lower : lower + 1);
    expect([numberToHalf(middle - step), numberToHalf(middle + step)]).toEqual([lower, lower + 1]);
    expect(numberToHalf(-(middle + step))).toBe(0x8000 | (lower + 1));
  }
  expect([65_504, 65_519, 65_520, 1e30].map(numberToHalf)).toEqual([0x7bff, 0x7bff, 0x7c00, 0x7c00]);
  const bytes = writeSafetensors(new Map([["a", { shape: [2], data: Float32Array.of(0.1, -3), half: true }]]));
  const { dtype, data } = readSafetensors(bytes).tensors.get("a")!;
  expect(dtype).toBe("F16");
  expect(data[0]).toBeCloseTo(0.1, 4);
  expect(data[1]).toBe(-3);
});

test("half precision: every binary16 and the bfloat16 of every upper half", () => {
  for (let half = 0; half < 0x10000; half++) {
    const bits = half.toString(2).padStart(16, "0");
    const exponent = Number.parseInt(bits.slice(1, 6), 2);
    const fraction = Number.parseInt(bits.slice(6), 2);
    const magnitude =
      exponent === 31
        ? fraction
          ? Number.NaN
          : Number.POSITIVE_INFINITY
        : exponent === 0
          ? fraction * 2 ** -24
          : (1 + fraction / 1024) * 2 ** (exponent - 15);
    const value = halfToNumber(half);
    if (!Object.is(value, bits[0] === "1" ? -magnitude : magnitude)) throw new Error(`${half} became ${value}`);
  }
  const header =
    '{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"F16","shape":[1],"data_offsets":[4,6]}}';
  const bytes = withHeader(header, 6);
  bytes.set([0x80, 0x3f, 0x49, 0xc0, 0x00, 0x3c], bytes.length - 6);
  const { tensors } = readSafetensors(bytes);
  expect(tensors.get("a")!.data).toEqual(Float32Array.of(1, -3.140625));
  expect(tensors.get("b")!.data).toEqual(Float32Array.of(1));
});
