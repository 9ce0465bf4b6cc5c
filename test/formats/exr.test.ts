import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/check";
import { decodeExr, readExr } from "../../src/formats/exr";
import { writtenExr } from "../datasets/written/exr";

// written by the OpenEXR library 3.5: H half, Y float, id uint, 43 × 37 pixels
const fixture = (name: string): string => join(__dirname, `../fixtures/formats/exr/${name}.exr`);

describe("readExr", () => {
  it("reads what was put into an uncompressed file", () => {
    const { width, height, channels } = readExr(fixture("none"));
    expect([width, height, ...channels.keys()]).toEqual([43, 37, "H", "Y", "id"]);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const i = y * width + x;
        const outside = (x - width / 2) ** 2 + (y - height / 2) ** 2 > (width / 2.2) ** 2;
        const depth = outside ? 0 : 0.8 + 0.3 * Math.sin(x / 9) * Math.cos(y / 7);
        expect(channels.get("Y")?.[i]).toBeCloseTo(depth, 6);
        expect(Math.abs((channels.get("H")?.[i] ?? 9) - depth)).toBeLessThan(0.05); // noise of 0.01
        expect(channels.get("id")?.[i]).toBe((Math.floor(x / 9) + Math.floor(y / 8)) % 5);
      }
  });

  it.each(["rle", "zips", "zip", "piz"])("reads the same from %s, to the bit", (compression) => {
    expect(readExr(fixture(compression))).toEqual(readExr(fixture("none")));
  });

  it("reads PXR24, which keeps 16 bits of a float's fraction", () => {
    const [exact, rounded] = [readExr(fixture("none")), readExr(fixture("pxr24"))];
    expect(rounded.channels.get("H")).toEqual(exact.channels.get("H"));
    expect(rounded.channels.get("id")).toEqual(exact.channels.get("id"));
    exact.channels.get("Y")?.forEach((value, i) => {
      expect(Math.abs((rounded.channels.get("Y")?.[i] ?? 9) - value)).toBeLessThanOrEqual(2 ** -16);
    });
  });

  it.each([
    ["tiled", /tiles, which is not read; save it as plain scan lines/],
    ["b44", /compression B44 is not read/],
  ])("refuses %s", (name, sentence) => {
    expect(() => readExr(fixture(name))).toThrow(sentence);
  });

  it("refuses claims that the file cannot hold before it allocates", () => {
    const bytes = Buffer.from(readFileSync(fixture("zip")));
    const at = bytes.indexOf("dataWindow\0box2i\0") + "dataWindow\0box2i\0".length + 4;
    bytes.writeInt32LE(9000, at + 8);
    bytes.writeInt32LE(9000, at + 12);
    expect(() => decodeExr(bytes)).toThrow(/cannot hold 9001 × 9001 pixels/);
    bytes.writeInt32LE(-5, at + 8);
    expect(() => decodeExr(bytes)).toThrow(InputError);
  });

  it.each(["none", "rle", "zips", "zip", "piz", "pxr24"])("says that a cut %s file is cut", (compression) => {
    const bytes = readFileSync(fixture(compression));
    for (const share of [0.01, 0.1, 0.5, 0.9, 0.999])
      expect(() => decodeExr(bytes.subarray(0, Math.floor(share * bytes.length)), "a.exr")).toThrow(InputError);
  });

  it("reads what the tests write", () => {
    const values = Float32Array.from({ length: 20 * 33 }, (_, i) => i / 7);
    for (const compression of ["none", "ZIP"] as const)
      expect(decodeExr(writtenExr(20, 33, { V: values }, compression)).channels.get("V")).toEqual(values);
  });
});
