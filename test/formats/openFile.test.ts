import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readNpy } from "../../src/formats/npy";
import { readPickle } from "../../src/formats/pickle";
import { readPng } from "../../src/formats/png";
import { readText } from "../../src/formats/readBytes";
import { readJsonObject } from "../../src/formats/readJson";
import { readSafetensors } from "../../src/formats/safetensors";
import { readTorchCheckpoint } from "../../src/formats/torchCheckpoint";
import { openWeightFile } from "../../src/formats/weightFile";
import { openOnnx, readOnnxCard } from "../../src/models/onnxSession";

const folder = mkdtempSync(join(tmpdir(), "open-"));
afterAll(() => rmSync(folder, { recursive: true }));

// A pipe that nobody writes to: whoever waits for it never comes back, and this file runs into its time limit.
describe.skipIf(process.platform === "win32")("a named pipe where a file belongs", () => {
  const pipe = join(folder, "pipe.png");
  it("is one sentence for every reader", async () => {
    execFileSync("mkfifo", [pipe]);
    const readers: ((path: string) => unknown)[] = [
      readText,
      readNpy,
      readPickle,
      readSafetensors,
      readTorchCheckpoint,
      openWeightFile,
      (path) => readJsonObject("test", path),
    ];
    for (const read of readers) expect(() => read(pipe)).toThrow(`${pipe}: this is not a file but a pipe`);
    await expect(readPng(pipe)).rejects.toThrow(`${pipe}: this is not a file but a pipe`);
    await expect(openOnnx("test", pipe)).rejects.toThrow(`${pipe} is a folder or a pipe, no file`);
    expect(() => readOnnxCard("test", pipe, "mean")).toThrow(`${pipe} is a folder or a pipe, no file`);
  });
});

describe("readText", () => {
  it("leaves the byte order mark of an editor away, so that JSON is JSON", () => {
    const path = join(folder, "marked.json");
    writeFileSync(path, '\uFEFF{"a": 1}');
    expect(readJsonObject("test", path)).toEqual({ a: 1 });
    expect(readOnnxCard("test", path, "mean")).toEqual({ a: 1 });
  });

  it("says what a folder is, and what is missing", () => {
    expect(() => readText(folder)).toThrow(`${folder}: this is a folder`);
    expect(() => readText(join(folder, "none"))).toThrow("none: there is no such file");
    expect(() => openWeightFile(folder)).toThrow(`openWeightFile: cannot open ${folder}: this is a folder`);
  });
});
