import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/check";
import type { NdArray } from "../../src/formats/ndarray";
import { decodePickle, readPickle } from "../../src/formats/pickle";

const folder = join(__dirname, "../fixtures/formats/pickles");
const good = readdirSync(folder).filter((file) => file.endsWith(".pkl"));
const bad = readdirSync(join(folder, "bad"));

const special: Record<string, number> = { NaN: Number.NaN, Infinity, "-Infinity": -Infinity };
const isArray = (value: unknown): value is NdArray =>
  typeof value === "object" && value !== null && "dtype" in value && "data" in value;

/** Compares what was read with the fixture's own notation (see the README of the fixtures). */
function expectSame(got: unknown, expected: unknown, path: string): void {
  if (typeof expected !== "object" || expected === null) {
    expect(got, path).toBe(expected);
    return;
  }
  const node = expected as Record<string, unknown>;
  if ("__ndarray__" in node) {
    if (!isArray(got)) throw new Error(`${path} is no array`);
    expect([got.dtype, got.shape], path).toEqual([node.dtype, node.shape]);
    const data = node.data_c_order as (number | boolean | string)[];
    expect(got.data.length, path).toBe(data.length);
    data.forEach((value, i) => {
      const number = typeof value === "string" && node.dtype !== "str" ? special[value] : value;
      const here = typeof got.data[i] === "bigint" ? Number(got.data[i]) : got.data[i];
      const wanted = typeof number === "boolean" ? Number(number) : number;
      expect(here, `${path}[${i}]`).toBe(node.dtype === "float32" ? Math.fround(wanted as number) : wanted);
    });
  } else if ("__scalar__" in node) expect(got, path).toBe(node.value);
  else if ("__tuple__" in node) expectSame(got, node.__tuple__, path);
  else if ("__bigint__" in node) expect(got, path).toBe(BigInt(node.__bigint__ as string));
  else if ("__bytes_latin1__" in node)
    expect(Buffer.from(got as Uint8Array).toString("latin1"), path).toBe(node.__bytes_latin1__);
  else {
    expect(Object.keys(got as object).sort(), path).toEqual(Object.keys(node).sort());
    for (const [key, value] of Object.entries(node)) expectSame((got as never)[key], value, `${path}.${key}`);
  }
}

/** A pickle from parts: text is latin-1. */
const bytes = (...parts: (string | number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))));

describe("decodePickle", () => {
  it.each(good)("%s holds what its json says", (file) => {
    const expected: unknown = JSON.parse(readFileSync(join(folder, file.replace(".pkl", ".json")), "utf8"));
    expectSame(readPickle(join(folder, file)), expected, file);
  });

  it.each(bad)("refuses bad/%s in one sentence", (file) => {
    expect(() => readPickle(join(folder, "bad", file))).toThrow(InputError);
  });

  it.each([
    ["os_system_p2.pkl", "posix.system"],
    ["os_system_p4.pkl", "posix.system"],
    ["builtins_eval_p2.pkl", "__builtin__.eval"],
    ["os_system_inst_p0.pkl", "os.system"],
    ["dotted_name_p4.pkl", "numpy.core.multiarray.os.system.name"],
  ])("names what %s wants to call", (file, name) => {
    expect(() => readPickle(join(folder, "bad", file))).toThrow(`refused ${name}:`);
  });

  it("refuses every truncation of a good file", () => {
    const whole = readFileSync(join(folder, "extras_p4.pkl"));
    for (let length = 0; length < whole.length; length += 7)
      expect(() => decodePickle(whole.subarray(0, length)), `first ${length} bytes`).toThrow(InputError);
  });

  it("ends damaged files with a value or a sentence, never with another error", () => {
    for (const file of ["extras_p2.pkl", "extras_p5.pkl", "results_p0.pkl"]) {
      const whole = readFileSync(join(folder, file));
      fc.assert(
        fc.property(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), (at, value) => {
          const damaged = Buffer.from(whole);
          damaged[at] = value;
          try {
            decodePickle(damaged);
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
          }
        }),
        { numRuns: 300, seed: 1 },
      );
    }
  });

  it("refuses nesting that would overflow the stack of a consumer", () => {
    expect(() => decodePickle(bytes("]".repeat(100_000), "a".repeat(99_999), "."))).toThrow("nested more than 100");
  });

  it.each([
    ["marks", () => bytes("(".repeat(5_000_000), "t".repeat(4_999_999), "."), "marks are open"],
    ["tuples of tuples", () => bytes(")", "\x85".repeat(3_000_000), "."), "nested more than 100"],
    ["steps", () => bytes("N0".repeat(5_000_001), "N."), "steps; it is not honest"],
    ["lists", () => bytes("(", "]".repeat(4_000_001), "l."), "values; it is not honest"],
  ])("refuses a small file of too many %s while it is read", (_, made, sentence) => {
    expect(() => decodePickle(made())).toThrow(sentence);
  });

  it("reads results of 2,750 images in one file", () => {
    const one = readFileSync(join(folder, "results_p2.pkl")).subarray(2, -1);
    const all = Buffer.concat([bytes([0x80, 2], "]("), ...Array.from({ length: 2750 }, () => one), bytes("e.")]);
    expect((decodePickle(all) as unknown[]).length).toBe(2750);
  });

  it("refuses a value that contains itself", () => {
    expect(() => decodePickle(bytes("]", [0x94], "h", [0], "a."))).toThrow("contains itself");
  });

  it("refuses shared lists that unfold exponentially", () => {
    const levels = Array.from({ length: 60 }, (_, i) => [0x5d, 0x94, 0x68, i, 0x61, 0x68, i, 0x61]);
    const first = [0x5d, 0x94];
    // list i + 1 holds list i twice
    expect(() => decodePickle(bytes(first, ...levels, "."))).toThrow("unfold to more than");
  });

  it("refuses a small file that copies one buffer again and again", () => {
    const encode = bytes("c_codecs\nencode\n", [0x94]);
    const text = bytes("X", [0, 0, 1, 0], "a".repeat(65536), [0x94, 0x8c, 6], "latin1", [0x94, 0x86, 0x94]);
    const call = bytes("h", [0], "h", [3], "R0");
    expect(() => decodePickle(Buffer.concat([encode, text, ...Array.from({ length: 5000 }, () => call)]))).toThrow(
      "not honest",
    );
  });

  it("keeps __proto__ an ordinary key", () => {
    const value = decodePickle(bytes("}", [0x8c, 9], "__proto__", "]s."));
    expect(Object.keys(value as object)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(value)).toBeNull();
  });

  it.each([
    ["a class left as a value", bytes("cnumpy\nndarray\n."), "stands where a value belongs"],
    ["a call of a class", bytes("cnumpy\nndarray\n)R."), "refused to call numpy.ndarray"],
    ["a persistent id", bytes("P1\n."), "PERSID"],
    ["a set", bytes([0x80, 4, 0x8f], "."), "EMPTY_SET"],
    ["object arrays", bytes("cnumpy\ndtype\n(S'O8'\nI00\nI01\ntR(I3\nS'|'\nNNNI-1\nI-1\nI63\ntb."), "element type |O8"],
    ["an unknown opcode", bytes([0xff], "."), "0xff"],
    ["an endless integer", bytes([0x8b, 0xff, 0xff, 0xff, 0x7f]), "too long"],
  ])("refuses %s", (_, data, message) => {
    expect(() => decodePickle(data)).toThrow(message);
    expect(() => decodePickle(data)).toThrow(InputError);
  });
});
