import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sharedData } from "../../src/datasets/sharedData";
import { decodePng } from "../../src/formats/png";
import { writeBop } from "../datasets/written/bop";
import {
  houseCatCamera,
  objectMaps,
  put,
  putPng,
  writeHouseCat,
  writeNocs,
  writeOmni6d,
} from "../datasets/written/sets";

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
    await writeBop(join(home, "bop"));
  });

  test("counts and names what is missing, and draws a sample", () => {
    const { code, out } = check("housecat6d", join(home, "housecat"), "--index", join(home, "index"));
    expect(code).toBe(1);
    expect(out).toMatch(/^train: 3 frames in 1 folder, 2 can be read \(2 opened\); 1 lack depth$/m);
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
          opened: 1,
          damaged: 0,
          incomplete: [{ frame: "real_test/scene_1/0000", missing: ["color", "depth", "mask", "coord", "meta"] }],
        },
      ],
      parts: [
        { name: "gts/real_test", found: "1 ground-truth pickle" },
        { name: "obj_models/real_test", found: "0 model sizes" },
      ],
      sample: "real_test/scene_1/0001#1",
    });
  }, 60_000);

  test("a complete data set is exit code 0", () => {
    rmSync(join(home, "omni6d/ROPE/000001/000001_color.png"));
    const { code, out } = check("rope", join(home, "omni6d"));
    expect(out).toMatch(/^Meta\/real_obj_meta\.json: symmetries of 1 object$/m);
    expect(code).toBe(0);
  }, 60_000);

  /** A copy of a set of above, changed. */
  const changed = (set: string, change: (root: string) => void): string => {
    const root = mkdtempSync(join(home, `${set}-`));
    cpSync(join(home, set), root, { recursive: true });
    change(root);
    return root;
  };
  const scene = "test_primesense/000007";

  test.each<[string, (root: string) => void, RegExp[]]>([
    [
      "no image of it was copied",
      (root) => rmSync(join(root, scene, "rgb"), { recursive: true }),
      [/^test_primesense: 2 frames in 1 folder, 0 can be read; 2 lack rgb/m, /^models: 2 models$/m],
    ],
    [
      "it has no models",
      (root) => rmSync(join(root, "models"), { recursive: true }),
      [/^models: cannot be read; missing: .*models_info\.json: there is no such file/m, /json: 1 target$/m],
    ],
    [
      "a scene's json is damaged",
      (root) => writeFileSync(join(root, scene, "scene_gt.json"), "{"),
      [
        /^test_primesense: 0 frames in 1 folder, 0 can be read$/m,
        /^models: 2 models$/m,
        /^could not be read: .*scene_gt\.json is no JSON/m,
      ],
    ],
    [
      "scene_gt_info.json is missing",
      (root) => rmSync(join(root, scene, "scene_gt_info.json")),
      [/^test_primesense\/…\/scene_gt_info\.json: of 0 scenes; missing: 000007; without it/m, /^drawn: obj_0000/m],
    ],
    [
      "its targets name an image that is not there",
      (root) => writeFileSync(join(root, "test_targets_bop19.json"), '[{"scene_id": 7, "im_id": 11, "obj_id": 3}]'),
      [/^test_targets_bop19\.json: 1 target; missing: 000007\/000011: no scene_camera\.json has these images$/m],
    ],
  ])(
    "of a BOP set all is listed where %s",
    (_what, change, lines) => {
      const { code, out, err } = check("bop", changed("bop", change));
      for (const line of lines) expect(out).toMatch(line);
      expect(err).toBe("");
      expect(code).toBe(1);
    },
    60_000,
  );

  test("a split that is not there is no failure, a damaged frame and a missing part are", () => {
    const whole = changed("nocs", (root) => {
      for (const kind of ["color.png", "depth.png", "mask.png", "coord.png", "meta.txt"])
        renameSync(join(root, `real_test/scene_1/0001_${kind}`), join(root, `real_test/scene_1/0000_${kind}`));
      const pickle = join(root, "gts/real_test/results_real_test_scene_1_000");
      renameSync(`${pickle}1.pkl`, `${pickle}0.pkl`);
    });
    const complete = check("real275", whole);
    expect(complete.out).toMatch(/^real_train: not here\nreal_test: 1 frame in 1 folder, 1 can be read \(1 opened\)$/m);
    expect(complete.code).toBe(0);
    expect(check("real275", whole, "--split", "real_train").code).toBe(2);

    const depth = join(whole, "real_test/scene_1/0000_depth.png");
    writeFileSync(depth, readFileSync(depth).subarray(0, 5000));
    const damaged = check("real275", whole);
    expect(damaged.out).toMatch(/^real_test: 1 frame in 1 folder, 0 can be read \(1 opened, 1 of them in vain\)$/m);
    expect(damaged.out).toMatch(/^could not be read: .*0000_depth\.png/m);
    expect(damaged.code).toBe(1);

    rmSync(join(whole, "gts/real_test"), { recursive: true });
    expect(check("real275", whole).out).toMatch(/^obj_models\/real_test: 0 model sizes; missing: NAME_norm\.txt/m);
    expect(check("camera25", whole).out).toMatch(
      /^camera_full_depths\/val: 0 composed depth images; missing: 1 frame without one: CAMERA\/val\/00003\/0000; /m,
    );
  }, 120_000);

  test("as many frames are opened as are asked for, and it is told", async () => {
    const root = join(home, "captures");
    const { width, height } = houseCatCamera;
    const { depthMm, mask } = objectMaps(houseCatCamera);
    for (const name of ["a_mug", "b_mug"]) {
      await putPng(root, `${name}/depth.png`, { width, height, channels: 1, data: depthMm });
      await putPng(root, `${name}/mask.png`, { width, height, channels: 1, data: mask });
      put(root, `${name}/camera.json`, JSON.stringify(houseCatCamera));
    }
    writeFileSync(join(root, "a_mug/camera.json"), "");
    const all = check("captures", root);
    expect(all.out).toMatch(/^captures: 2 frames in 2 folders, 1 can be read \(2 opened, 1 of them in vain\)/m);
    expect(all.code).toBe(1);
    const one = check("captures", root, "--open", "1");
    expect(one.out).toMatch(/2 can be read \(1 opened, the others by the names of their files\)/);
    expect(one.code).toBe(0);
  }, 60_000);

  test.each([
    [
      "a number of frames that is none",
      ["lmo", ".", "--open", "0"],
      /--open is "0"; give a whole number of at least 1/,
    ],
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
