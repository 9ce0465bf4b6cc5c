import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { assertRotation, InputError } from "../../src/check";
import { command } from "../../src/cli/estimate";
import { proceduralSample } from "../../src/datasets/procedural/proceduralSample";
import { encodeNpy } from "../../src/formats/npy";
import { type PngImage, readPng, writePng } from "../../src/formats/png";
import { writeSafetensors } from "../../src/formats/safetensors";
import type { Camera } from "../../src/geometry/camera";
import type { Vector3 } from "../../src/geometry/vector";
import { poseError } from "../../src/metrics/poseError";
import { createParameters, parameterView } from "../../src/models/params";
import { jointLearningParameters, presets } from "../../src/papers/jointLearning";
import { embeddedCheckpoint } from "../../src/papers/poseEstimator";
import { Rng } from "../../src/random";
import { saveModel } from "../../src/training/checkpoint";
import { writeCapture } from "./writeCapture";

const main = join(__dirname, "..", "..", "dist", "cli", "main.js");
const folder = mkdtempSync(join(tmpdir(), "posediff-estimate-"));
const path = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

/** The small networks with a last layer that is not 0, untrained: what is asked here is not how well they know. */
function writeModel(): void {
  const parameters = createParameters(jointLearningParameters(presets.small), new Rng(1));
  const last = parameterView(parameters, "fusion_tail.2.weight");
  last.set(new Rng(2).normals(last.length).map((x) => 0.05 * x));
  saveModel(path("model.safetensors"), parameters, parameters.values, { preset: "small" });
}

type Options = Partial<Record<string, string | undefined>>;
const given: Options = {
  "--depth": path("depth.png"),
  "--mask": path("mask.png"),
  "--camera": path("camera.json"),
  "--category": "bowl",
  "--instance": "3",
  "--checkpoint": path("model.safetensors"),
};

/** The command's arguments: `given`, with other options where told; undefined leaves one away. */
const argumentsFor = (options: Options, flags: readonly string[]): string[] => [
  "estimate",
  ...Object.entries({ ...given, ...options }).flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
  ...flags,
];

/** `posediff estimate` as a person runs it. */
function spawned(options: Options, ...flags: string[]): { code: number | null; out: string; err: string } {
  const all = [main, ...argumentsFor(options, flags)];
  const run = spawnSync(process.execPath, all, { cwd: folder, encoding: "utf8" });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

/** The same command in this process, which is faster: what it printed, or what it threw. */
async function estimate(options: Options = {}, ...flags: string[]): Promise<{ out: string; error?: Error }> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  command(program);
  const printed: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((text: string) => void printed.push(text));
  try {
    await program.parseAsync(argumentsFor(options, flags), { from: "user" });
    return { out: printed.join("\n") };
  } catch (error) {
    return { out: printed.join("\n"), error: error as Error };
  } finally {
    log.mockRestore();
  }
}
const answerTo = async (options: Options = {}, ...flags: string[]): Promise<Answer> => {
  const { out, error } = await estimate(options, "--json", ...flags);
  expect(error).toBeUndefined();
  return JSON.parse(out) as Answer;
};

interface Answer {
  category: string;
  rotation: [Vector3, Vector3, Vector3];
  translation: Vector3;
  nfe: number;
  ms: number;
  points: number;
  hypotheses: { rotation: number[][]; translation: number[] }[];
}

/** Every file of the folder with a digest of its bytes. */
const files = (): string[] =>
  readdirSync(folder)
    .sort()
    .map(
      (name) =>
        `${name} ${createHash("sha256")
          .update(readFileSync(path(name)))
          .digest("hex")}`,
    );

const sample = proceduralSample("test", 0, { category: "bowl" });
let camera: Camera;
beforeAll(async () => {
  const files = { depth: path("depth.png"), mask: path("mask.png"), camera: path("camera.json") };
  camera = await writeCapture(sample, files, { corner: 7 });
  writeModel();
});

describe("posediff estimate --json", () => {
  test("prints one object with the pose and its cost, the same one twice but for the time", async () => {
    const before = files();
    const answer = await answerTo();
    expect(answer.category).toBe("bowl");
    expect(answer.rotation.map((row) => row.length)).toEqual([3, 3, 3]);
    assertRotation("rotation", answer.rotation.flat());
    expect(answer.translation).toHaveLength(3);
    expect(answer.translation.every(Number.isFinite)).toBe(true);
    expect(answer.nfe).toBeGreaterThan(0);
    expect(answer.ms).toBeGreaterThan(0);
    expect({ ...(await answerTo()), ms: 0 }).toEqual({ ...answer, ms: 0 });
    expect(files()).toEqual(before);
  });

  test("keeps the first hypothesis when more are asked for; other samplers, scalings and seeds answer too", async () => {
    const one = await answerTo();
    const three = await answerTo({ "--hypotheses": "3" });
    expect(three.hypotheses).toHaveLength(3);
    expect(three.hypotheses[0]).toEqual({ rotation: one.rotation, translation: one.translation });
    assertRotation("mean", three.rotation.flat());
    const ddim = await answerTo({ "--sampler": "ddim", "--steps": "7", "--scaling": "none" }, "--clean");
    expect([7, 8]).toContain(ddim.nfe);
    expect(ddim.points).toBeLessThanOrEqual(one.points);
    expect((await answerTo({ "--seed": "1" })).translation).not.toEqual(one.translation);
  });

  test("reads every marked pixel where no instance is named", async () => {
    // Instance 7 is one pixel more, in which nothing was measured.
    expect((await answerTo({ "--instance": undefined })).points).toBe((await answerTo()).points);
  });

  test.skipIf(!existsSync(embeddedCheckpoint))("with the shipped checkpoint finds the bowl in the files", async () => {
    const {
      rotation: [x, y, z],
      translation,
    } = await answerTo({ "--checkpoint": undefined });
    const { errorDeg, errorCm } = poseError({ rotation: [...x, ...y, ...z], translation }, sample.pose!, "aboutY");
    expect(errorDeg).toBeLessThan(15);
    expect(errorCm).toBeLessThan(5);
  });
});

// `npm test` builds before it tests; a bare vitest run on a fresh clone has nothing to start.
describe.skipIf(!existsSync(main))("posediff estimate as a process", () => {
  test("prints JSON and nothing else, or the same pose for people, and exits with 0", async () => {
    const { code, out, err } = spawned({}, "--json");
    expect([code, err]).toEqual([0, ""]);
    expect(out.trim().split("\n")).toHaveLength(1);
    expect({ ...JSON.parse(out), ms: 0 }).toEqual({ ...(await answerTo()), ms: 0 });
    const forPeople = spawned({});
    expect([forPeople.code, forPeople.err]).toEqual([0, ""]);
    expect(forPeople.out).toMatch(/^bowl, \d+ points, 1 /);
    expect(forPeople.out.trim().split("\n")).toHaveLength(7);
  });

  test.each<[string, Options, RegExp]>([
    ["an unknown category", { "--category": "teapot" }, /^category "teapot" is not known; give one of bottle, bowl/],
    ["a mask without the instance", { "--instance": "5" }, /no pixel of the mask is 5; it has the numbers 3, 7/],
    ["a missing checkpoint", { "--checkpoint": "none.safetensors" }, /cannot open none\.safetensors/],
    ["a missing option", { "--mask": undefined }, /required option '--mask <png>' not specified/],
  ])("%s is one sentence on stderr and exit code 2, and nothing is written", (_what, options, sentence) => {
    const before = files();
    const { code, out, err } = spawned(options, "--json");
    expect(err).toMatch(sentence);
    expect(err.trim().split("\n")).toHaveLength(1);
    expect(err).not.toMatch(/\bat .+:\d+:\d+|InputError|TypeError/);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(files()).toEqual(before);
  });
});

describe("posediff estimate refuses in one sentence", () => {
  const grey = (of: (i: number) => number, bits: 8 | 16 = 16): PngImage => {
    const { width, height } = camera;
    const data = Array.from({ length: width * height }, (_, i) => of(i));
    return { width, height, channels: 1, data: bits === 16 ? Uint16Array.from(data) : Uint8Array.from(data) };
  };
  const image = async (name: string, content: PngImage): Promise<string> => {
    await writePng(path(name), content);
    return path(name);
  };
  const bytes = (name: string, content: string | Uint8Array): string => {
    writeFileSync(path(name), content);
    return path(name);
  };
  const json = (name: string, content: unknown): string => bytes(name, JSON.stringify(content));
  const cutShort = (name: string, of: string, share: number): string => {
    const whole = readFileSync(path(of));
    return bytes(name, whole.subarray(0, share * whole.length));
  };
  /** Python's `os.system("touch pwned")`, as a pickle. */
  const evil = "cposix\nsystem\n(S'touch pwned'\ntR.";
  /** Such a pickle as the content of an array of Python objects. */
  const evilNpy = (): Uint8Array => {
    const header = "{'descr': '|O', 'fortran_order': False, 'shape': (2, 2), }".padEnd(117).concat("\n");
    return Buffer.concat([Buffer.from("\x93NUMPY\x01\x00\x76\x00", "latin1"), Buffer.from(header + evil, "latin1")]);
  };

  test.each<[string, () => Options | Promise<Options>, RegExp]>([
    [
      "an empty mask",
      async () => ({
        "--mask": await image(
          "m0.png",
          grey(() => 0, 8),
        ),
      }),
      /the mask is empty/,
    ],
    ["an instance that is no number", () => ({ "--instance": "mug" }), /--instance is "mug"; give a whole number/],
    [
      "fewer than 50 points",
      async () => ({
        "--mask": await image(
          "m49.png",
          grey((i) => (i < 49 ? 3 : 0), 8),
        ),
        "--depth": await image(
          "d800.png",
          grey(() => 800),
        ),
      }),
      /only 49 of 49 masked pixels have a depth/,
    ],
    [
      "a mask of another size",
      async () => ({
        "--mask": await image("small.png", { width: 4, height: 4, channels: 1, data: new Uint8Array(16).fill(3) }),
      }),
      /the mask has 4 × 4 pixels/,
    ],
    [
      "NaN depth",
      () => {
        const { width, height } = camera;
        const data = new Float32Array(width * height).fill(Number.NaN);
        return { "--depth": bytes("nan.npy", encodeNpy({ dtype: "float32", shape: [height, width], data })) };
      },
      /the depth at column \d+, row \d+ is NaN; write 0/,
    ],
    [
      "zero depth",
      async () => ({
        "--depth": await image(
          "d0.png",
          grey(() => 0),
        ),
      }),
      /the depth is 0 in all/,
    ],
    [
      "depth in tenths of millimetres",
      async () => {
        const { data } = await readPng(path("depth.png"));
        const tenths = grey((i) => 10 * data[i]);
        return { "--depth": await image("tenths.png", tenths) };
      },
      /the unit of depth or the focal length looks wrong; save millimetres/,
    ],
    [
      "depth in metres",
      async () => ({
        "--depth": await image(
          "d1.png",
          grey(() => 1),
        ),
      }),
      /the unit looks wrong/,
    ],
    [
      "a picture of the depth",
      async () => ({
        "--depth": await image(
          "d8.png",
          grey(() => 90, 8),
        ),
      }),
      /expected a 16-bit grey PNG/,
    ],
    ["a truncated depth image", () => ({ "--depth": cutShort("cut.png", "depth.png", 0.5) }), /truncated/],
    ["a missing depth image", () => ({ "--depth": "none.png" }), /none\.png: there is no such file/],
    [
      "intrinsics of another image size",
      () => ({ "--camera": json("vga.json", { ...camera, width: 640, height: 480 }) }),
      /the intrinsics are for 640 × 480 pixels/,
    ],
    ["intrinsics without fx", () => ({ "--camera": json("nofx.json", { ...camera, fx: undefined }) }), /fx missing/],
    ["a camera that is no JSON", () => ({ "--camera": bytes("text.json", "fx: 500") }), /this is not JSON/],
    [
      "a truncated checkpoint",
      () => ({ "--checkpoint": cutShort("cut.safetensors", "model.safetensors", 0.4) }),
      /truncated/,
    ],
    [
      "a foreign checkpoint",
      () => ({
        "--checkpoint": bytes(
          "foreign.safetensors",
          writeSafetensors(new Map([["w", { shape: [1], data: new Float32Array(1) }]])),
        ),
      }),
      /it comes from another program/,
    ],
    ["a checkpoint that is a pickle", () => ({ "--checkpoint": bytes("model.pth", evil) }), /no safetensors file/],
    ["depth that is a pickle which would run code", () => ({ "--depth": bytes("evil.npy", evilNpy()) }), /evil\.npy/],
    ["no hypotheses", () => ({ "--hypotheses": "0" }), /--hypotheses is "0"; give a whole number of at least 1/],
    ["an unknown sampler", () => ({ "--sampler": "toString" }), /--sampler is "toString"; use ode, ddim/],
    ["an unknown scaling", () => ({ "--scaling": "cubic" }), /--scaling is "cubic"; use /],
  ])("%s, and writes nothing", async (_what, change, sentence) => {
    const options = await change();
    const before = files();
    const { out, error } = await estimate(options, "--json");
    expect(error).toBeInstanceOf(InputError);
    expect(error!.message).toMatch(sentence);
    expect(error!.message).not.toContain("\n");
    expect(out).toBe("");
    expect(files()).toEqual(before);
  });
});
