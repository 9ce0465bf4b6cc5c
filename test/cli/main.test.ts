import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const main = join(__dirname, "..", "..", "dist", "cli", "main.js");
const posediff = (args: string[], env: Record<string, string> = {}): { code: number; out: string; err: string } => {
  const run = spawnSync(process.execPath, [main, ...args], { encoding: "utf8", env: { ...process.env, ...env } });
  return { code: run.status ?? -1, out: run.stdout, err: run.stderr };
};

// `npm test` builds before it tests; a bare vitest run on a fresh clone has nothing to start.
describe.skipIf(!existsSync(main))("posediff", () => {
  const folder = mkdtempSync(join(tmpdir(), "posediff-main-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("--help names every command", () => {
    const { code, out } = posediff(["--help"]);
    expect(code).toBe(0);
    for (const name of [
      "doctor",
      "setup",
      "notebooks",
      "lab",
      "train",
      "estimate",
      "estimate-rgb",
      "track",
      "evaluate",
      "experiment",
      "claims",
      "parity",
      "weights",
      "data",
      "bench",
    ])
      expect(out).toMatch(new RegExp(`^  ${name}\\b`, "m"));
  });

  test("experiments are listed with what is there of each", () => {
    const { code, out } = posediff(["experiment", "--out", "nowhere"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^schedules +not measured +No, exponential/m);
    expect(posediff(["experiment"]).out).toMatch(/^schedules +\d+ min +No, exponential/m);
  });

  test.each([
    ["an unknown command", ["fly"], /unknown command 'fly'/],
    ["an unknown option", ["doctor", "--fast"], /unknown option '--fast'/],
    ["a missing argument", ["parity"], /missing required argument/],
    ["a folder that is none", ["parity", "nowhere"], /^posediff parity: nowhere is not a folder/],
    ["a folder of weights that is none", ["weights", "verify", "nowhere"], /^weights verify: nowhere is not a folder/],
    [
      "an unknown form",
      ["weights", "convert", "a", "b", "--to", "gold"],
      /^weights convert: --to is "gold"; use genpose/,
    ],
    ["an unknown paper", ["claims", "--paper", "Z"], /^claims: there is no ledger of paper "Z"; choose A/],
    [
      "an unknown experiment",
      ["experiment", "luck"],
      /^experiment: there is no experiment luck; choose one of pretrain/,
    ],
    [
      "one experiment and all",
      ["experiment", "schedules", "--due"],
      /^experiment: --due measures all that are due; leave/,
    ],
    ["an unknown benchmark", ["bench", "speed"], /^posediff bench: there is no benchmark speed/],
    ["results that are none", ["evaluate", "merge", main], /main.js: this is no file of results; take one/],
    ["results of others that are none", ["evaluate", "results", main], /main.js: .*pickle/],
    ["a folder without results", ["evaluate", "results", __dirname], /holds no .pkl; give the folder of a method's/],
    [
      "a shard without a file",
      ["evaluate", "bop", "--results", "a", "--root", "b", "--shard", "0/2"],
      /^evaluate bop: the figures of a shard are those of a part; give --out/,
    ],
    [
      "a protocol of other categories",
      ["evaluate", "--dataset", "rope", "--root", ".", "--protocol", "nocs"],
      /^evaluate: --protocol nocs does not know the categories of rope; use omni6d/,
    ],
    [
      "a data set without categories",
      ["evaluate", "--dataset", "captures", "--root", "."],
      /^evaluate: captures has no protocol for poses of categories; use real275/,
    ],
    [
      "another protocol than a data set's",
      ["evaluate", "--dataset", "lmo", "--root", ".", "--protocol", "nocs"],
      /^evaluate: --dataset lmo is scored by Acc15, not --protocol nocs; leave it away/,
    ],
    [
      "a network that matches no templates",
      [
        "evaluate",
        "--dataset",
        "lm",
        "--root",
        ".",
        "--checkpoint",
        join(main, "..", "..", "..", "data", "checkpoints", "rgb-small.safetensors"),
      ],
      /rgb-small.safetensors names the network "rgb", which matches no templates; leave --checkpoint away/,
    ],
  ])("%s is one sentence and exit code 2", (_what, args, sentence) => {
    const { code, out, err } = posediff(args);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toMatch(sentence);
    expect(err.trim().split("\n")).toHaveLength(1);
  });

  test("evaluate results looks into the folders of scenes", () => {
    const results = join(__dirname, "../fixtures/formats/result-pickles");
    for (const scene of ["scene_1", "scene_2/later"]) {
      mkdirSync(join(folder, "vi-net", scene), { recursive: true });
      cpSync(join(results, "genpose_result_p4.pkl"), join(folder, "vi-net", scene, "0000.pkl"));
    }
    const { code, out } = posediff(["evaluate", "results", join(folder, "vi-net")]);
    expect(code).toBe(0);
    expect(out).toMatch(/- 2 images: 6 objects are there, 6 were predicted/);
    symlinkSync("..", join(folder, "vi-net/scene_2/loop"));
    expect(posediff(["evaluate", "results", join(folder, "vi-net")])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/scene_2.loop: this link leads back to .*; remove it/),
    });
  });

  test("an unknown backend is one sentence and exit code 2", () => {
    const { code, err } = posediff(["doctor"], { POSEDIFF_BACKEND: "abacus" });
    expect(code).toBe(2);
    expect(err).toMatch(/^POSEDIFF_BACKEND: expected tensorflow, wasm, cpu, got abacus/);
  });

  test("doctor --json is one object with the backend and what failed before it", () => {
    const { code, out } = posediff(["doctor", "--json"], { POSEDIFF_BACKEND: "wasm" });
    expect(code).toBe(0);
    const { backend, threads, throughput } = JSON.parse(out);
    expect(backend).toMatchObject({ backend: "wasm", ready: true });
    expect(threads).toBe(1);
    expect(throughput.matMulGflops).toBeGreaterThan(0);
  });

  test("parity: a wrong number makes exit code 1, a damaged file 2", () => {
    const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1];
    const parityCase = {
      name: "identity",
      inputs: { q_wxyz: [[1, 0, 0, 0]] },
      outputs: { R: [identity.map((v) => v + 1)] },
    };
    const file = { component: "rotation_conversions", tolerance: { abs: 1e-6 }, cases: [parityCase] };
    writeFileSync(join(folder, "wrong.json"), JSON.stringify(file));
    const wrong = posediff(["parity", folder]);
    expect(wrong.out).toMatch(/^✗ {2}rotation_conversions +0\/1 cases/);
    expect(wrong.code).toBe(1);
    writeFileSync(join(folder, "damaged.json"), "{");
    const damaged = posediff(["parity", folder, "--json"]);
    expect(damaged.code).toBe(2);
    expect(JSON.parse(damaged.out)).toMatchObject({ results: [{ status: "failed" }] });
    expect(damaged.err).toMatch(/damaged\.json: not readable as JSON/);
  });
});
