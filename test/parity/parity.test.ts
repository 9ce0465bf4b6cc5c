import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ready } from "../../src/backend";
import { runParity } from "../../src/cli/parity";
import { parityRunners } from "../../src/cli/parity/index";
import { readParityFile } from "../../src/cli/parity/readParityFile";
import { judge, runParityFile } from "../../src/cli/parity/runParityFile";

const fixtures = join(__dirname, "..", "fixtures", "parity");

beforeAll(() => ready());

describe("numbers of reference code", () => {
  test.each(readdirSync(fixtures).filter((name) => name.endsWith(".json")))("%s", (name) => {
    const file = readParityFile(join(fixtures, name));
    const result = runParityFile(file, parityRunners[file.component]);
    expect(result.failures).toEqual([]);
    expect(result.status).toBe("passed");
  });
});

describe("the judge", () => {
  const judged = (ours: number[], reference: number[], tolerance = {}): boolean =>
    judge({ quantity: "x", ours, reference }, tolerance).failedAt === undefined;

  test("allows abs + rel · |reference|", () => {
    expect(judged([1.1], [1], { abs: 0.11 })).toBe(true);
    expect(judged([1.1], [1], { abs: 0.09 })).toBe(false);
    expect(judged([-110], [-100], { abs: 1, rel: 0.1 })).toBe(true);
    expect(judged([-112], [-100], { abs: 1, rel: 0.1 })).toBe(false);
  });

  test("takes NaN for equal to NaN and to nothing else", () => {
    expect(judged([Number.NaN], [Number.NaN], { exact: true })).toBe(true);
    expect(judged([Number.NaN], [1], { abs: 10 })).toBe(false);
    expect(judged([1], [Number.NaN], { abs: 10 })).toBe(false);
  });

  test("takes an infinity for equal to itself only", () => {
    const infinity = Number.POSITIVE_INFINITY;
    expect(judged([infinity], [infinity], { abs: 0 })).toBe(true);
    expect(judged([1], [infinity], { abs: 1, rel: 1 })).toBe(false);
    expect(judged([-infinity], [infinity], { abs: 1, rel: 1 })).toBe(false);
  });

  test("exact allows no difference, and lengths must agree", () => {
    expect(judged([1 + 1e-15], [1], { exact: true })).toBe(false);
    expect(judged([1], [1, 2], { abs: 9 })).toBe(false);
    expect(judged([1, 2], [1], { abs: 9 })).toBe(false);
  });

  test("a quantity's own tolerance replaces the file's", () => {
    const comparison = { quantity: "x", ours: [1.1], reference: [1], tolerance: { abs: 0.2 } };
    expect(judge(comparison, { exact: true }).failedAt).toBeUndefined();
  });
});

describe("a folder never seen", () => {
  const folder = mkdtempSync(join(tmpdir(), "posediff-parity-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("is read file by file: unknown components and damaged files are told, the rest runs", async () => {
    const file = {
      component: "never_heard_of",
      tolerance: { abs: 1 },
      cases: [{ name: "a", inputs: {}, outputs: {} }],
    };
    writeFileSync(join(folder, "unknown.json"), JSON.stringify(file));
    writeFileSync(join(folder, "inherited.json"), JSON.stringify({ ...file, component: "toString" }));
    writeFileSync(join(folder, "damaged.json"), '{"component": "x", ');
    writeFileSync(join(folder, "foreign.json"), '{"frames": 3}');
    writeFileSync(join(folder, "loose.json"), JSON.stringify({ ...file, tolerance: {} }));
    const { results, unreadable } = await runParity(folder);
    expect(results.map((r) => [r.file, r.status])).toEqual([
      ["inherited.json", "not implemented"],
      ["unknown.json", "not implemented"],
    ]);
    expect(unreadable).toHaveLength(3);
    expect(unreadable[0]).toMatch(/damaged\.json: not readable as JSON/);
    expect(unreadable[1]).toMatch(/foreign\.json: component must be a name/);
    expect(unreadable[2]).toMatch(/loose\.json: tolerance names neither/);
  });

  test("must exist and hold parity files", async () => {
    await expect(runParity(join(folder, "nowhere"))).rejects.toThrow("is not a folder");
  });

  test("a runner that throws or compares nothing fails its case", () => {
    const parityCase = { name: "a", inputs: {}, outputs: {} };
    const file = { component: "c", tolerance: { abs: 1 }, cases: [parityCase] };
    expect(runParityFile(file, () => []).failures).toEqual(["a: nothing of it was compared"]);
    const thrown = runParityFile(file, () => {
      throw new Error("c: no such input");
    });
    expect(thrown).toMatchObject({ status: "failed", passed: 0, largestError: Number.POSITIVE_INFINITY });
    expect(thrown.failures).toEqual(["a: c: no such input"]);
  });
});
