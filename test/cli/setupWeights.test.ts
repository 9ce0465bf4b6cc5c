import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { fetchEfficientNet } from "../../src/cli/setup/efficientNet";

const folder = mkdtempSync(join(tmpdir(), "posediff-weights-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const path = join(folder, "weights", "efficientnet-lite0-57934424.pth");

test("without Python the weights are not had, which is a sentence and leaves nothing behind", () => {
  vi.stubEnv("POSEDIFF_PYTHON", "no-such-python");
  const { ok, sentence } = fetchEfficientNet(() => {}, path);
  expect(ok).toBe(false);
  expect(sentence).toContain("python3 is not installed; template matching needs another backbone");
  expect(existsSync(path)).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
});

test("weights that are there are not fetched again", () => {
  const there = join(folder, "efficientnet-lite0-57934424.pth");
  writeFileSync(there, "weights");
  vi.stubEnv("POSEDIFF_PYTHON", "no-such-python");
  expect(fetchEfficientNet(() => {}, there)).toEqual({ ok: true, sentence: "EfficientNet-Lite0 is there" });
});
