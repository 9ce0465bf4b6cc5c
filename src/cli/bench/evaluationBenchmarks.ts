/**
 * @file How long the evaluations of the benchmarks take, whole commands on synthetic results of the published sizes.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assertInput } from "../../check";
import { bopNumber } from "../../datasets/bopModels";
import type { Pose } from "../../geometry/pose";
import { exp, randomRotation } from "../../geometry/so3";
import { categories } from "../../geometry/symmetry";
import { multiply, type Vector3 } from "../../geometry/vector";
import { posesKind, predictionRow, truthRow } from "../../papers/benchmarks/poseRows";
import { writeResults } from "../../papers/benchmarks/resultFile";
import { wholeShard } from "../../papers/benchmarks/shard";
import { Rng } from "../../random";
import { runProgram } from "../runProgram";
import type { Benchmark, BenchmarkResult } from "./benchmark";
import { inFolder } from "./inFolder";
import { measure } from "./measure";

const main = join(__dirname, "..", "main.js");
const reportMemory = join(__dirname, "reportMemory.js");

/** Time a command of `posediff` in a process of its own: start-up, reading and all. */
async function timeCommand(args: readonly string[], runs: number): Promise<BenchmarkResult> {
  const [cpuSeconds, megabytes]: [number[], number[]] = [[], []];
  const timing = await measure(
    () => {
      const run = runProgram(process.execPath, ["-r", reportMemory, main, ...args]);
      assertInput(run.ok, `posediff bench: ${args.join(" ")} failed${run.ok ? "" : `: ${run.failure}`}`);
      const { cpu, rss } = JSON.parse(run.stdout.slice(run.stdout.lastIndexOf("\n{") + 1)) as {
        cpu: number;
        rss: number;
      };
      cpuSeconds.push(cpu);
      megabytes.push(rss);
    },
    { runs },
  );
  return { ...timing, details: { cpuSeconds: Math.min(...cpuSeconds), megabytes: Math.max(...megabytes) } };
}

/** A pose nearby: some degrees and centimetres off. */
const disturbed = (rng: Rng, { rotation, translation }: Pose): Pose => ({
  rotation: multiply(rotation, exp([rng.normal(0, 0.1), rng.normal(0, 0.1), rng.normal(0, 0.1)])),
  translation: translation.map((x) => x + rng.normal(0, 0.015)) as unknown as Vector3,
});

const randomPose = (rng: Rng): Pose => ({
  rotation: randomRotation(rng),
  translation: [rng.uniform(-0.3, 0.3), rng.uniform(-0.2, 0.2), rng.uniform(0.6, 1.2)],
});

const [nocsImages, objectsPerImage] = [2750, 5];

/** As many images as REAL275 has for testing, five objects of six categories in each. */
export function writeNocsResults(path: string, images: number = nocsImages): void {
  const rng = new Rng(11);
  const writer = writeResults(path, { kind: posesKind, settings: { dataset: "synthetic" }, shard: wholeShard });
  for (let at = 0; at < images; at++) {
    const image = `synthetic/${at}`;
    for (let k = 0; k < objectsPerImage; k++) {
      const category = categories[Math.floor(categories.length * rng.uniform())];
      const pose = randomPose(rng);
      const size: Vector3 = [rng.uniform(0.05, 0.2), rng.uniform(0.05, 0.2), rng.uniform(0.05, 0.2)];
      const object = `${image}#${k}`;
      writer.write({ at, image, row: truthRow({ object, category, pose, size, handleVisible: rng.uniform() < 0.7 }) });
      const found = { object, category, score: rng.uniform(), pose: disturbed(rng, pose), size };
      writer.write({ at, image, row: predictionRow(found) });
    }
  }
  writer.end();
}

/** The published Python takes 215 s for as much (21.5 s for a tenth). */
export const nocsMapTime: Benchmark = {
  name: "nocs-map",
  what: `evaluate merge of ${nocsImages} images with ${objectsPerImage} objects each: four variants of the mAP, and AP at 61 × 21 poses and 101 IoUs`,
  inTorch: false,
  run: () =>
    inFolder((folder) => {
      const file = join(folder, "results.jsonl");
      writeNocsResults(file);
      return timeCommand(["evaluate", "merge", file, "--protocol", "nocs", "--curves", "--json"], 3);
    }),
};

const lmoObjects = [1, 5, 6, 8, 9, 10, 11, 12];
/** Vertices of LM-O's models_eval. */
const lmoVertices = [2825, 9342, 4671, 10215, 3529, 7862, 3417, 6910];
const [lmoImages, lmoTargets] = [200, 1445];

/** A data set in BOP's form of LM-O's size (images left away), and estimates of all targets. */
export function writeBopSet(root: string): void {
  const rng = new Rng(12);
  const json = (name: string, value: unknown): void => writeFileSync(join(root, name), JSON.stringify(value));
  const scene = join("test", "000002");
  for (const folder of ["models_eval", scene]) mkdirSync(join(root, folder), { recursive: true });
  const models = lmoObjects.map((id, i) => {
    const points = Array.from({ length: lmoVertices[i] }, () => [
      rng.normal(0, 20),
      rng.normal(0, 20),
      rng.normal(0, 20),
    ]);
    const header = `ply\nformat ascii 1.0\nelement vertex ${points.length}\nproperty float x\nproperty float y\nproperty float z\nelement face 1\nproperty list uchar int vertex_indices\nend_header\n`;
    writeFileSync(
      join(root, "models_eval", `obj_${bopNumber(id)}.ply`),
      `${header}${points.map((point) => point.map((x) => x.toFixed(4)).join(" ")).join("\n")}\n3 0 1 2\n`,
    );
    const box = Object.fromEntries(["x", "y", "z"].flatMap((axis) => [[`min_${axis}`, -50], [`size_${axis}`, 100]])); // biome-ignore format: pairs
    const symmetric = id === 10 || id === 11; // eggbox and glue
    return [
      id,
      {
        diameter: 150,
        ...box,
        ...(symmetric && { symmetries_discrete: [[-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]] }),
      },
    ];
  });
  json(join("models_eval", "models_info.json"), Object.fromEntries(models));
  json("camera.json", { fx: 572.4, fy: 573.6, cx: 325.3, cy: 242, width: 640, height: 480, depth_scale: 1 });
  const [cameras, truths, infos]: Record<string, unknown>[] = [{}, {}, {}];
  const [targets, lines]: [unknown[], string[]] = [[], ["scene_id,im_id,obj_id,score,R,t,time"]];
  const millimetres = ({ translation }: Pose): number[] => translation.map((x) => 1000 * x);
  for (let image = 0; image < lmoImages; image++) {
    // an object less in as many images as it takes to have LM-O's number of targets
    const here = lmoObjects.slice(0, image < lmoImages * lmoObjects.length - lmoTargets ? -1 : undefined);
    const poses = here.map(() => randomPose(rng));
    cameras[image] = { cam_K: [572.4, 0, 325.3, 0, 573.6, 242, 0, 0, 1], depth_scale: 1 };
    truths[image] = poses.map((pose, i) => ({
      obj_id: here[i],
      cam_R_m2c: pose.rotation,
      cam_t_m2c: millimetres(pose),
    }));
    const seen = {
      bbox_obj: [0, 0, 9, 9],
      bbox_visib: [0, 0, 9, 9],
      px_count_all: 9,
      px_count_valid: 9,
      px_count_visib: 9,
      visib_fract: 1,
    };
    infos[image] = poses.map(() => seen);
    poses.forEach((pose, i) => {
      const found = disturbed(rng, pose);
      targets.push({ scene_id: 2, im_id: image, obj_id: here[i], inst_count: 1 });
      lines.push(
        `2,${image},${here[i]},${rng.uniform()},${found.rotation.join(" ")},${millimetres(found).join(" ")},-1`,
      );
    });
  }
  json(join(scene, "scene_camera.json"), cameras);
  json(join(scene, "scene_gt.json"), truths);
  json(join(scene, "scene_gt_info.json"), infos);
  json("test_targets_bop19.json", targets);
  writeFileSync(join(root, "results.csv"), `${lines.join("\n")}\n`);
}

export const bopScoring: Benchmark = {
  name: "bop-score",
  what: `evaluate bop of ${lmoTargets} targets on models of LM-O's size: MSSD, MSPD, recalls and mAP`,
  inTorch: false,
  run: () =>
    inFolder((folder) => {
      writeBopSet(folder);
      return timeCommand(
        ["evaluate", "bop", "--results", join(folder, "results.csv"), "--root", folder, "--no-vsd", "--json"],
        3,
      );
    }),
};
