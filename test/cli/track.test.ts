import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { assertRotation } from "../../src/check";
import { command } from "../../src/cli/track";
import { captureFrames } from "../../src/datasets/captureSequence";
import { proceduralSequence } from "../../src/datasets/procedural/proceduralSequence";
import type { PosedSample } from "../../src/datasets/sample";
import { poseError } from "../../src/metrics/poseError";
import { createParameters, parameterView } from "../../src/models/params";
import { jointLearningParameters, presets } from "../../src/papers/jointLearning";
import { embeddedCheckpoint } from "../../src/papers/poseEstimator";
import { Rng } from "../../src/random";
import { saveModel } from "../../src/training/checkpoint";
import { writeCapture } from "./writeCapture";

const main = join(__dirname, "..", "..", "dist", "cli", "main.js");
const root = mkdtempSync(join(tmpdir(), "posediff-track-"));
afterAll(() => rmSync(root, { recursive: true }));
const path = (...names: string[]): string => join(root, ...names);

const frames = 5;
const { frame } = proceduralSequence("test", 1, { still: frames, resolution: 130 }); // a bowl
const samples: PosedSample[] = Array.from({ length: frames }, (_, i) => frame(i));

async function writeFrame(folder: string, name: string, sample: PosedSample): Promise<void> {
  const [depth, mask] = ["depth", "mask"].map((kind) => join(folder, `${name}_${kind}.png`));
  await writeCapture(sample, { depth, mask, camera: join(folder, "camera.json") });
}

const folderOf = async (name: string, change: (folder: string) => void | Promise<void> = () => {}): Promise<string> => {
  mkdirSync(path(name));
  for (const [i, sample] of samples.entries()) await writeFrame(path(name), `${i + 8}`, sample); // 8, 9, 10, …
  await change(path(name));
  return path(name);
};

const argumentsFor = (folder: string, ...more: string[]): string[] => ["track", folder, "--category", "bowl", ...more];

async function track(folder: string, ...more: string[]): Promise<{ lines: string[]; error?: Error }> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  command(program);
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((text: string) => void lines.push(text));
  try {
    await program.parseAsync(argumentsFor(folder, "--checkpoint", path("model.safetensors"), ...more), {
      from: "user",
    });
    return { lines };
  } catch (error) {
    return { lines, error: error as Error };
  } finally {
    log.mockRestore();
  }
}

interface Line {
  frame: string;
  status: string;
  rotation: number[][] | null;
  translation: [number, number, number] | null;
  points: number;
}

const tracked = async (folder: string, ...more: string[]): Promise<Line[]> => {
  const { lines, error } = await track(folder, "--json", ...more);
  expect(error).toBeUndefined();
  return lines.map((line) => JSON.parse(line) as Line);
};

beforeAll(async () => {
  const parameters = createParameters(jointLearningParameters(presets.small), new Rng(1));
  const last = parameterView(parameters, "fusion_tail.2.weight");
  last.set(new Rng(2).normals(last.length).map((x) => 0.05 * x));
  saveModel(path("model.safetensors"), parameters, parameters.values, { preset: "small" });
  await folderOf("good");
});

describe("posediff track --json", () => {
  test("prints one object for each frame, in the order of numbers in names, the same twice but for the time", async () => {
    const lines = await tracked(path("good"));
    expect(lines.map((line) => line.frame)).toEqual(["8", "9", "10", "11", "12"]);
    expect(lines[0].status).toBe("found");
    for (const { rotation, translation, points } of lines) {
      assertRotation("rotation", rotation!.flat());
      expect(translation).toHaveLength(3);
      expect(points).toBeGreaterThan(100);
    }
    const bare = (all: Line[]): unknown => all.map((line) => ({ ...line, ms: 0 }));
    expect(bare(await tracked(path("good"), "--instance", "3"))).toEqual(bare(lines));
    expect(bare(await tracked(path("good"), "--seed", "1", "--t0", "0.2", "--no-restart"))).not.toEqual(bare(lines));
  });

  test("a frame without the object is hidden and has no pose; people read lines", async () => {
    const folder = await folderOf("hidden", (f) =>
      writeFrame(f, "9", { ...samples[1], mask: new Uint8Array(samples[1].mask.length) }),
    );
    const lines = await tracked(folder);
    expect(lines[1]).toMatchObject({ frame: "9", status: "hidden", rotation: null, translation: null, points: 0 });
    expect(lines[2].status).toBe("tracked");
    const { lines: forPeople } = await track(folder, "--hypotheses", "2");
    expect(forPeople).toHaveLength(frames + 1);
    expect(forPeople[1]).toMatch(/^9 +hidden +0 points$/);
    expect(forPeople[frames]).toMatch(/^4 of 5 frames, [\d.]+ a second/);
  });

  test.skipIf(!existsSync(embeddedCheckpoint))("with the shipped checkpoint follows the bowl", async () => {
    const lines = await tracked(path("good"), "--checkpoint", embeddedCheckpoint);
    const { rotation, translation } = lines[frames - 1];
    const [a, b, c, d, e, f, g, h, i] = rotation!.flat();
    const { errorDeg, errorCm } = poseError(
      { rotation: [a, b, c, d, e, f, g, h, i], translation: translation! },
      samples[frames - 1].pose,
      "aboutY",
    );
    expect(errorDeg).toBeLessThan(15);
    expect(errorCm).toBeLessThan(5);
  });
});

describe("posediff track refuses in one sentence", () => {
  test.each<[string, (folder: string) => void | Promise<void>, string[], RegExp]>([
    [
      "a mask that is missing",
      (f) => rmSync(join(f, "10_mask.png")),
      [],
      /10_mask\.png: there is no such file; frame 10 has a depth image/,
    ],
    ["a truncated frame", (f) => writeFileSync(join(f, "8_depth.png"), "P"), [], /8_depth\.png/],
    ["no camera", (f) => rmSync(join(f, "camera.json")), [], /camera\.json/],
    [
      "two depth images of one frame",
      (f) => writeFileSync(join(f, "9_depth.npy"), ""),
      [],
      /frame 9 has two depth images/,
    ],
    [
      "an unknown instance",
      () => {},
      ["--instance", "7"],
      /none of the 5 frames shows at least 50 points.*--instance 7/,
    ],
    ["an unknown category", () => {}, ["--category", "teapot"], /category "teapot" is not known/],
    ["a t0 that is no time", () => {}, ["--t0", "2"], /--t0 is "2"; give a time in \(0, 1\]/],
    ["no hypotheses", () => {}, ["--hypotheses", "0"], /--hypotheses is "0"; give a whole number/],
    ["an unknown scaling", () => {}, ["--scaling", "cubic"], /--scaling is "cubic"; use none, exponential/],
    ["a missing checkpoint", () => {}, ["--checkpoint", "none.safetensors"], /cannot open none\.safetensors/],
  ])("%s", async (what, change, more, sentence) => {
    const folder = await folderOf(`bad ${what}`, change);
    const { error } = await track(folder, "--json", ...more);
    expect(error?.name).toBe("InputError");
    expect(error?.message).toMatch(sentence);
    expect(error?.message.split("\n")).toHaveLength(1);
  });

  test("a folder that is none, or has no frames", () => {
    mkdirSync(path("empty"));
    expect(() => captureFrames(path("nowhere"))).toThrow(/nowhere: there is no such folder; give the folder of/);
    expect(() => captureFrames(path("model.safetensors"))).toThrow(/there is no such folder/);
    expect(() => captureFrames(path("empty"))).toThrow(/no file is called NAME_depth\.png/);
  });

  test.skipIf(!existsSync(main))("as a process: exit code 2, the sentence on stderr, nothing else", () => {
    const run = spawnSync(process.execPath, [main, ...argumentsFor(path("nowhere"))], { encoding: "utf8" });
    expect(run.status).toBe(2);
    expect(run.stdout).toBe("");
    expect(run.stderr.trim().split("\n")).toHaveLength(1);
  });
});
