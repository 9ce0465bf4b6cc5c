import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, describe, expect, test, vi } from "vitest";
import { InputError } from "../../src/check";
import { keepMemory } from "../../src/cli/keepMemory";
import { command } from "../../src/cli/train";
import { proceduralDataVersion } from "../../src/datasets/procedural/proceduralSample";
import { loadPoseEstimator } from "../../src/papers/poseEstimator";
import { loadRanker } from "../../src/papers/ranker";
import { loadModel, loadTrainingState, saveTrainingState } from "../../src/training/checkpoint";

// Otherwise the command would start this very process once more.
Object.assign(process.env, keepMemory);

const main = join(__dirname, "..", "..", "dist", "cli", "main.js");
const folder = mkdtempSync(join(tmpdir(), "posediff-train-"));
afterAll(() => rmSync(folder, { recursive: true }));

const given: Record<string, string> = {
  "--pretrain-steps": "2",
  "--joint-steps": "2",
  "--batch": "2",
  "--pool": "4",
};
const argumentsFor = (out: string, options: Record<string, string | undefined>, base = given): string[] => [
  "train",
  ...Object.entries({ "--out": join(folder, out), ...base, ...options })
    .flat()
    .filter((word) => word !== undefined), // of a flag
];

/** `posediff train` in this process: what it printed. */
async function train(out: string, options: Record<string, string | undefined> = {}, base = given): Promise<string> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  command(program);
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((text: string) => void lines.push(text));
  try {
    await program.parseAsync(argumentsFor(out, options, base), { from: "user" });
  } finally {
    log.mockRestore();
  }
  return lines.join("\n");
}

/** Names, digests and times of the files of a run. */
const filesOf = (out: string): string[] =>
  readdirSync(join(folder, out))
    .sort()
    .map((name) => {
      const path = join(folder, out, name);
      return `${name} ${createHash("sha256").update(readFileSync(path)).digest("hex")} ${statSync(path).mtimeMs}`;
    });
/** A digest of a model's numbers: comparing hundreds of thousands of them one by one takes seconds. */
const numbersOf = (out: string): string => {
  const digest = createHash("sha256");
  for (const [name, { data }] of loadModel(modelOf(out)).values) digest.update(name).update(data);
  return digest.digest("hex");
};
const modelOf = (out: string): string => join(folder, out, "model.safetensors");

describe("posediff train", () => {
  test("writes a state, a model that can be loaded, and a card that says how to make it again", async () => {
    expect(await train("whole")).toMatch(/done: .*model\.safetensors after \d+ minutes/);
    expect(filesOf("whole").map((line) => line.split(" ")[0])).toEqual([
      "model.json",
      "model.safetensors",
      "state.safetensors",
    ]);
    const { state, meta } = loadTrainingState(join(folder, "whole", "state.safetensors"));
    expect(state.step).toBe(4);
    expect(meta).toMatchObject({ preset: "small", run: { seed: 0, pretrainSteps: 2, jointSteps: 2, batchSize: 2 } });
    const { card } = loadModel(modelOf("whole"));
    expect(card).toMatchObject({
      preset: "small",
      seed: 0,
      step: 4,
      totalSteps: 4,
      dataVersion: proceduralDataVersion,
    });
    expect(card.command).toMatch(
      /^posediff train --preset small --seed 0 --pretrain-steps 2 --joint-steps 2 --batch 2 --pool 4/,
    );
    expect(JSON.parse(readFileSync(join(folder, "whole", "model.json"), "utf8"))).toMatchObject(card);
    loadPoseEstimator(modelOf("whole")).dispose();
  });

  test("the command on the card makes the same model, bit for bit", async () => {
    const [, , ...again] = String(loadModel(modelOf("whole")).card.command).split(" ");
    const options = Object.fromEntries(again.flatMap((name, i) => (i % 2 === 0 ? [[name, again[i + 1]]] : [])));
    await train("again", options);
    expect(numbersOf("again")).toBe(numbersOf("whole"));
    expect(loadModel(modelOf("again")).card).toEqual(loadModel(modelOf("whole")).card);
  });

  test("run again after its end it says that it is done, trains no more and writes nothing", async () => {
    const before = filesOf("whole");
    const printed = await train("whole");
    expect(printed).toMatch(/resuming .* at step 4 of 4/);
    expect(printed).toMatch(/done: /);
    expect(filesOf("whole")).toEqual(before);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ["another seed", { "--seed": "1" }, /belongs to another run \(seed 0\); pass the same options, or another --out/],
    ["other steps", { "--joint-steps": "5" }, /belongs to another run \(jointSteps 2\)/],
    ["another batch and pool", { "--batch": "3", "--pool": "5" }, /\(batchSize 2, poolSize 4\)/],
    ["another preset", { "--preset": "paper" }, /does not fit this network|another run/],
    ["an unknown preset", { "--preset": "huge" }, /there is no preset "huge"; use "paper", "small" or "ablation"/],
    ["an unknown network", { "--network": "giant" }, /no network "giant"; use joint or score or energy or multiModal/],
    [
      "no image model",
      { "--network": "multiModal", "--preset": "paper" },
      /paper reads a frozen image model; give its ONNX file by --extractor/,
    ],
    ["an image model beside a CNN", { "--network": "multiModal", "--extractor": "x" }, /small trains its own CNN/],
    ["no number of steps", { "--joint-steps": "many" }, /--joint-steps is "many"; give a whole number/],
    ["half a batch", { "--batch": "1.5" }, /--batch is "1.5"; give a whole number/],
    ["a batch of none", { "--batch": "0" }, /--batch is "0"/],
    ["a pool of none", { "--pool": "0" }, /--pool is "0"/],
    ["an empty seed", { "--seed": "" }, /--seed is ""/],
    ["a rate that is no number", { "--learning-rate": "fast" }, /--learning-rate is "fast"; give a positive number/],
    ["an endless rate", { "--learning-rate": "Infinity" }, /--learning-rate is "Infinity"/],
    ["no steps", { "--pretrain-steps": "0", "--joint-steps": "0" }, /there are no steps/],
    ["no minutes between saves", { "--save-every": "often" }, /--save-every is "often"/],
  ])(
    "%s for a run that is there is refused in one sentence and overwrites nothing",
    async (_what, options, sentence) => {
      const before = filesOf("whole");
      const error: unknown = await train("whole", options).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(InputError);
      expect((error as Error).message).toMatch(sentence);
      expect((error as Error).message).not.toContain("\n");
      expect(filesOf("whole")).toEqual(before);
    },
  );

  test("half of no data set is refused", async () => {
    const half = { "--network": "aggregation", "--half": "odd", "--steps": "1" };
    await expect(train("half", half, {})).rejects.toThrow("give its --root, too");
    expect(existsSync(join(folder, "half"))).toBe(false);
  });

  test("a multi-modal network is trained, and told on its card", async () => {
    await train("colours", { "--network": "multiModal", "--preset": "ablation", "--joint-steps": "1" });
    const { card } = loadModel(modelOf("colours"));
    expect(card).toMatchObject({ network: "multiModal", preset: "ablation", step: 3 });
    expect(card.command).toContain("--network multiModal");
    expect(() => loadPoseEstimator(modelOf("colours"))).toThrow(InputError);
  });

  test("the rgb network is trained, and tells variant and head on its card", async () => {
    const rgb = { "--network": "rgb", "--steps": "1", "--batch": "2" };
    const trainRgb = (out: string, options: Record<string, string>): Promise<string> => train(out, options, rgb);
    expect(await trainRgb("photos", { "--variant": "NG" })).toMatch(/1\/1 {2}diffusion .*\ndone: /);
    const { card } = loadModel(modelOf("photos"));
    expect(card).toMatchObject({ network: "rgb", variant: "NG", regression: true, step: 1, preset: "small" });
    expect(card.command).toMatch(
      /^posediff train --network rgb --preset small --variant NG --seed 0 --steps 1 --batch 2/,
    );
    await expect(trainRgb("photos", { "--variant": "all" })).rejects.toThrow(/does not fit this network/);
    await expect(trainRgb("other", { "--variant": "none" })).rejects.toThrow(/--variant is "none"; use NGR/);
    await expect(trainRgb("other", { "--pool": "4" })).rejects.toThrow(/leave --pool out/);
  });

  test("trains the score network of a joint model alone, on clouds that are encoded once", async () => {
    const score = { "--network": "score", "--steps": "2", "--clouds": "32", "--start": modelOf("whole") };
    expect(await train("score", score)).toMatch(
      /starting from .*\nencoded 32 of 32 clouds\n2\/2 {2}diffusion .*\ndone: /,
    );
    expect(loadModel(modelOf("score")).card.command).toMatch(
      /^posediff train --network score --preset small --seed 0 --steps 2 --batch 2 --draws 20 --point-draws 4 --clouds 32 --pool 4 .*--start/,
    );
    loadPoseEstimator(modelOf("score")).dispose();
    await expect(train("scoreless", { ...score, "--clouds": "33" })).rejects.toThrow(/give a multiple of 32/);
    const { "--start": _, ...none } = score;
    await expect(train("scoreless", none)).rejects.toThrow(/give its model file by --start/);
    expect(existsSync(join(folder, "scoreless"))).toBe(false);
  });

  test("a batch and a rate that are not given are the network's own", async () => {
    const score = { "--network": "score", "--clouds": "32", "--pool": "4", "--start": modelOf("whole") };
    await train("usual score", score, { "--steps": "1" });
    expect(loadModel(modelOf("usual score")).card.command).toMatch(/ --batch 64 .* --learning-rate 0\.0005 /);
    await train("usual pictures", { "--network": "diffusion" }, { "--steps": "1" });
    expect(loadModel(modelOf("usual pictures")).card.command).toMatch(/ --batch 16 --learning-rate 0\.001$/);
  });

  test("trains the energy network from the joint model's weights, and its card's command says so", async () => {
    const energy = { "--network": "energy", "--steps": "2", "--start": modelOf("whole") };
    expect(await train("energy", energy)).toMatch(/starting from .*\n2\/2 {2}energy .*\ndone: /);
    const { card } = loadModel(modelOf("energy"));
    expect(card).toMatchObject({ preset: "small", network: "energy", step: 2, totalSteps: 2 });
    expect(card.command).toMatch(
      /^posediff train --network energy --preset small --seed 0 --steps 2 --batch 2 .*--start/,
    );
    loadRanker(modelOf("energy")).dispose();
  });

  test("what cannot go on is told before the first step: a model without its state, a file in place of the folder", async () => {
    mkdirSync(join(folder, "mine"));
    copyFileSync(modelOf("whole"), modelOf("mine"));
    writeFileSync(join(folder, "file"), "my notes");
    const before = [...filesOf("mine"), readFileSync(join(folder, "file"), "utf8")];
    await expect(train("mine")).rejects.toThrow(
      /model\.safetensors is there, but no state from which to go on; choose/,
    );
    await expect(train("file")).rejects.toThrow(/cannot write into .*file .*; choose another --out/);
    writeFileSync(join(folder, "mine", "state.safetensors"), "my notes");
    await expect(train("mine")).rejects.toThrow(InputError);
    rmSync(join(folder, "mine", "state.safetensors"));
    expect([...filesOf("mine"), readFileSync(join(folder, "file"), "utf8")]).toEqual(before);
  });

  test("a state that no run of the command line saved is refused, not written over", async () => {
    const { state } = loadTrainingState(join(folder, "whole", "state.safetensors"));
    mkdirSync(join(folder, "own"));
    saveTrainingState(join(folder, "own", "state.safetensors"), state, {});
    const before = filesOf("own");
    await expect(train("own")).rejects.toThrow(/belongs to another run/);
    expect(filesOf("own")).toEqual(before);
  });

  test("starts from a model, and says so where the file is missing before anything is written", async () => {
    const none = { "--pretrain-steps": "0", "--joint-steps": "1" };
    expect(await train("warm", { ...none, "--start": modelOf("whole") })).toMatch(/starting from .*model\.safetensors/);
    expect(loadModel(modelOf("warm")).card.command).toContain("--start");
    const frozen = { ...none, "--freeze-encoder": undefined };
    await train("heads", { ...frozen, "--draws": "3", "--start": modelOf("whole") });
    expect(loadModel(modelOf("heads")).card.command).toMatch(/ --draws 3 .*--freeze-encoder /);
    await expect(train("undrawn", { ...none, "--draws": "0" })).rejects.toThrow(/--draws is "0"/);
    await expect(train("headless", frozen)).rejects.toThrow(/give its model file by --start/);
    await expect(train("cold", { ...none, "--start": join(folder, "none") })).rejects.toThrow(/cannot open/);
    expect(existsSync(join(folder, "cold"))).toBe(false);
  });
});

// `npm test` builds before it tests; a bare vitest run on a fresh clone has nothing to start.
describe.skipIf(!existsSync(main))("posediff train as a process", () => {
  const posediff = (out: string, options: Record<string, string> = {}): [number | null, string, string] => {
    const run = spawnSync(process.execPath, [main, ...argumentsFor(out, options)], { cwd: folder, encoding: "utf8" });
    return [run.status, run.stdout, run.stderr];
  };

  test("trains with its worker thread to the same numbers, ends, and refuses another run with exit code 2", () => {
    const [code, out, err] = posediff("process");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/done: /);
    expect(numbersOf("process")).toBe(numbersOf("whole"));
    const before = filesOf("process");
    const [refused, printed, sentence] = posediff("process", { "--seed": "1" });
    expect(refused).toBe(2);
    expect(printed).toBe("");
    expect(sentence.trim().split("\n")).toHaveLength(1);
    expect(sentence).toMatch(/belongs to another run/);
    expect(filesOf("process")).toEqual(before);
  });

  test.skipIf(process.platform !== "linux")("says by which signal it was ended, and that nothing is lost", async () => {
    const { MALLOC_MMAP_MAX_: _, ...env } = process.env; // so that it starts a process of its own
    const steps = { "--pretrain-steps": "100000" };
    const run = spawn(process.execPath, [main, ...argumentsFor("ended", steps)], { cwd: folder, env });
    let said = "";
    run.stderr.on("data", (text) => {
      said += text;
    });
    await once(run.stdout, "data");
    const parentOf = (pid: string): number =>
      existsSync(`/proc/${pid}/status`)
        ? Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1])
        : 0;
    const child = readdirSync("/proc").find((name) => /^\d+$/.test(name) && parentOf(name) === run.pid);
    process.kill(Number(child), "SIGKILL");
    const [code] = await once(run, "close");
    expect(code).toBe(137);
    expect(said.trim()).toBe(
      "SIGKILL ended the process that worked (most often there was too little memory); what it saved is kept, and the same command goes on from there",
    );
  });
});
