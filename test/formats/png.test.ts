import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, describe, expect, it } from "vitest";
import { InputError } from "../../src/check";
import { decodePng, encodePng, type PngImage, readPng, writePng } from "../../src/formats/png";

const folder = mkdtempSync(join(tmpdir(), "posediff-png-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ramp = (n: number, step: number): number[] => Array.from({ length: n }, (_, i) => (i * step) % 65536);
const images: [string, PngImage][] = [
  ["16-bit grey", { width: 5, height: 3, channels: 1, data: Uint16Array.from(ramp(15, 4369)) }],
  ["8-bit grey", { width: 5, height: 3, channels: 1, data: Uint8Array.from(ramp(15, 17)) }],
  ["RGB", { width: 2, height: 3, channels: 3, data: Uint8Array.from(ramp(18, 13)) }],
  ["RGBA", { width: 2, height: 2, channels: 4, data: Uint8Array.from(ramp(16, 15)) }],
  ["16-bit RGB", { width: 2, height: 3, channels: 3, data: Uint16Array.from(ramp(18, 3571)) }],
];

describe("png", () => {
  it.each(images)("%s survives writing and reading exactly", async (name, image) => {
    const path = join(folder, `${name}.png`);
    await writePng(path, image);
    expect(await readPng(path)).toEqual(image);
  });

  it("keeps the colours of fully transparent pixels", async () => {
    const image: PngImage = { width: 1, height: 1, channels: 4, data: Uint8Array.from([10, 20, 30, 0]) };
    expect((await decodePng(await encodePng(image))).data).toEqual(image.data);
  });

  it("refuses a truncated file", async () => {
    const whole = await encodePng({ width: 64, height: 64, channels: 1, data: Uint16Array.from(ramp(4096, 977)) });
    for (const part of [10, 30, 60, 0.5 * whole.length, whole.length - 20])
      await expect(decodePng(whole.subarray(0, part)), `${part} bytes`).rejects.toThrow(InputError);
  });

  it("refuses a palette, whose decoded colours are not its numbers", async () => {
    const data = Uint8Array.from(ramp(64 * 3, 85));
    const bytes = await sharp(data, { raw: { width: 8, height: 8, channels: 3 } })
      .png({ palette: true })
      .toBuffer();
    await expect(decodePng(bytes)).rejects.toThrow("palette");
  });

  it.each([
    ["an empty file", Buffer.alloc(0), "empty"],
    ["a JPEG", Buffer.from("ffd8ffe000104a464946", "hex"), "not a PNG"],
  ])("refuses %s", async (_, bytes, message) => {
    const path = join(folder, "other.png");
    writeFileSync(path, bytes);
    await expect(readPng(path)).rejects.toThrow(message);
  });

  it("says which file is missing", async () => {
    await expect(readPng("no/depth.png")).rejects.toThrow("no/depth.png: there is no such file");
  });

  it("refuses data that do not fit the size, and writes nothing then", async () => {
    const path = join(folder, "kept.png");
    writeFileSync(path, "kept");
    await expect(writePng(path, { width: 2, height: 2, channels: 1, data: new Uint8Array(3) })).rejects.toThrow(
      "2 × 2 × 1",
    );
    expect(readFileSync(path, "utf8")).toBe("kept");
  });
});
