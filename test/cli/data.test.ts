import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sharedData } from "../../src/datasets/sharedData";
import { decodePng } from "../../src/formats/png";
import { writeHouseCat, writeNocs, writeOmni6d } from "../datasets/written/sets";

const main = join(__dirname, "..", "..", "dist", "cli", "main.js");
const home = mkdtempSync(join(tmpdir(), "posediff-data-"));
afterAll(() => rmSync(home, { recursive: true }));

const picture = join(home, "sample.svg");
const check = (...args: string[]): { code: number; out: string; err: string } => {
  const run = spawnSync(process.execPath, [main, "data", "check", ...args, "--out", picture], { encoding: "utf8" });
  return { code: run.status ?? -1, out: run.stdout, err: run.stderr };
};

// `npm test` builds before it tests; a bare vitest run on a fresh clone has nothing to start.
describe.skipIf(!existsSync(main))("posediff data check", () => {
  beforeAll(async () => {
    await writeHouseCat(join(home, "housecat"));
    await writeOmni6d(join(home, "omni6d"));
    await writeNocs(join(home, "nocs"));
  });

  test("counts and names what is missing, and draws a sample", () => {
    const { code, out } = check("housecat6d", join(home, "housecat"), "--index", join(home, "index"));
    expect(code).toBe(1);
    expect(out).toMatch(/^train: 3 frames in 1 folder, 2 can be read; 1 lack depth$/m);
    expect(out).toMatch(/^ {2}incomplete: scene01\/000001 \(depth\)$/m);
    expect(out).toMatch(/^val: not here$/m);
    expect(out).toMatch(/^drawn: bottle, scene01\/00000[02]#2 → .*sample\.svg$/m);
    expect(readFileSync(picture, "utf8")).toMatch(/^<svg[\s\S]*bottle: scene01/);
    expect(existsSync(join(home, "index"))).toBe(true);
  }, 60_000);

  test("gives all of it as JSON", () => {
    const { code, out } = check("real275", join(home, "nocs"), "--split", "real_test", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      dataset: "real275",
      complete: false,
      splits: [
        {
          split: "real_test",
          frames: 2,
          readable: 1,
          incomplete: [{ frame: "real_test/scene_1/0000", missing: ["color", "depth", "mask", "coord", "meta"] }],
        },
      ],
      parts: [{ name: "gts/real_test", found: "1 ground-truth pickle" }],
      sample: "real_test/scene_1/0001#1",
    });
  }, 60_000);

  test("a complete data set is exit code 0", () => {
    rmSync(join(home, "omni6d/ROPE/000001/000001_color.png"));
    const { code, out } = check("rope", join(home, "omni6d"));
    expect(out).toMatch(/^Meta\/real_obj_meta\.json: symmetries of 1 object$/m);
    expect(code).toBe(0);
  }, 60_000);

  test.each([
    ["a data set that is none", ["imagenet", "."], /^there is no data set "imagenet"; choose real275, camera25/],
    ["a folder that is none", ["lmo", "nowhere"], /^nowhere: there is no such folder; give the root folder of LM-O/],
    [
      "a folder without frames",
      ["real275", tmpdir()],
      /no frame of NOCS REAL275 lies here \(looked for real_train, real_test\)/,
    ],
    ["a split that is none", ["sope", ".", "--split", "val"], /has no split "val" here; it has sope-train, sope-test/],
    ["a category that is none", ["captures", ".", "--category", "cat"], /^--category is "cat"; give one of the six/],
  ])("%s is one sentence and exit code 2", (_what, args, sentence) => {
    const { code, out, err } = check(...args);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toMatch(sentence);
    expect(err.trim().split("\n")).toHaveLength(1);
  });

  const lmo = sharedData("lmo");
  test.skipIf(lmo === undefined)(
    "LM-O (skipped where the real data is absent)",
    async () => {
      const png = join(home, "lmo.png");
      const run = spawnSync(process.execPath, [main, "data", "check", "lmo", lmo as string, "--out", png], {
        encoding: "utf8",
      });
      expect(run.stdout).toMatch(/test_targets_bop19\.json: 1,445 targets/);
      const image = await decodePng(readFileSync(png));
      expect(image.width).toBeGreaterThan(300);
    },
    120_000,
  );
});
