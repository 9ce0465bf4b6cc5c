import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ready, tf } from "../../src/backend";
import type { FixtureResult } from "../../src/cli/weights/fixtureCheck";
import { verifyWeights } from "../../src/cli/weights/verifyWeights";
import { openStateDict, openWeightFile } from "../../src/formats/weightFile";
import { convertToSafetensors } from "../../src/papers/convertWeights";
import { convertGenPose, readGenPose } from "../../src/papers/genPose";
import { loadPoseEstimator } from "../../src/papers/poseEstimator";
import { loadStableDiffusion, loadUNet } from "../../src/papers/stableDiffusion";
import { ddim } from "../../src/samplers/ddim";
import { loadModel } from "../../src/training/checkpoint";

const fixtures = join(__dirname, "..", "fixtures", "formats");
const folder = mkdtempSync(join(tmpdir(), "weights-"));
/** GenPose's checkpoint has 9 MB: it lies beside the project, not in it. */
const genPose = resolve(__dirname, "..", "..", "..", "shared", "formats", "genpose-like");
const checkpoint = join(genPose, "ckpt_genpose.pth");

beforeAll(() => ready());
afterAll(() => rmSync(folder, { recursive: true }));

const failures = (results: readonly FixtureResult[]): FixtureResult[] => results.filter(({ passed }) => !passed);

describe("weights verify", () => {
  it("passes every fixture that lies in the project", { timeout: 300_000 }, async () => {
    const before = tf.memory().numTensors;
    const results = await verifyWeights(fixtures);
    expect(failures(results)).toEqual([]);
    expect(tf.memory().numTensors).toBe(before);
    const items = results.map(({ item }) => item);
    for (const item of [
      "sd-tiny/vae",
      "sd-tiny/text_encoder",
      "sd-tiny/unet",
      "sd-tiny/unet (fp16)",
      "sd-tiny-current/vae",
      "sd-tiny-current/unet (config.json)",
      "sd2-tiny/unet",
      "sd2-tiny/unet (config.current.json)",
      // other widths than GenPose's, one head, two clouds: by a PyTorch form of our own, held against GenPose's
      "genpose-small/feature",
      "genpose-small/score",
      "resnet34-tv/model.safetensors",
      "resnet34-tv/stem_layer1.legacy-format.pth",
      "vit-tiny/dinov2/model.dynamo.onnx",
      "vit-tiny/dinov2/model.torchscript.onnx",
      "vit-tiny/clip-vision/model.dynamo.onnx",
      "pickles/pth/unusual_tensors.pth",
      "pickles/bad/os_system.pth",
    ])
      expect(items).toContain(item);
    expect(items.filter((item) => item.startsWith("pickles/bad/")).length).toBe(21);
    const taps = results.find(({ item }) => item === "sd-tiny/unet")?.compared;
    expect(taps?.quantities).toBeGreaterThanOrEqual(43);
    expect(taps?.largestError).toBeLessThan(1e-4);
  });

  it("knows a vision transformer without exported models", async () => {
    const copy = join(folder, "dino");
    cpSync(join(fixtures, "vit-tiny", "dinov2"), copy, { recursive: true });
    const { onnx: _, ...expected } = JSON.parse(readFileSync(join(copy, "expected.json"), "utf8"));
    writeFileSync(join(copy, "expected.json"), JSON.stringify(expected));
    const results = await verifyWeights(copy);
    expect(results.map(({ item, passed }) => [item, passed])).toEqual([["dino/model.safetensors", true]]);
  });

  it("fails where a number, a shape or a file is wrong, and goes on", async () => {
    const copy = join(folder, "resnet");
    cpSync(join(fixtures, "resnet34-tv"), copy, { recursive: true });
    const path = join(copy, "reference", "layer2.npy");
    const bytes = readFileSync(path);
    bytes.writeFloatLE(bytes.readFloatLE(200) + 1, 200);
    writeFileSync(path, bytes);
    writeFileSync(join(copy, "stem_layer1.legacy-format.pth"), readFileSync(path));
    const results = await verifyWeights(copy);
    expect(results.map(({ passed }) => passed)).toEqual([false, false]);
    expect(results[0].notes[0]).toMatch(/^layer2: 1 of 1024 numbers are off/);
    expect(results[1].notes[0]).toMatch(/no PyTorch checkpoint|no safetensors/);
    await expect(verifyWeights(join(folder, "nowhere"))).rejects.toThrow("is not a folder");
    await expect(verifyWeights(join(copy, "reference"))).rejects.toThrow("there is no fixture");
  });
});

describe("weights verify, of what is not there or no fixture", () => {
  /** A copy of a fixture, changed; what failed, and whether anything did not. */
  const failed = async (fixture: string, change: (copy: string) => void): Promise<[string, string][]> => {
    const copy = join(mkdtempSync(join(folder, "case-")), fixture);
    cpSync(join(fixtures, fixture), copy, { recursive: true });
    change(copy);
    return failures(await verifyWeights(copy)).map(({ item, notes }) => [item, notes.join("; ")]);
  };
  const remove =
    (...path: string[]) =>
    (copy: string): void =>
      rmSync(join(copy, ...path), { recursive: true });
  type Json = Record<string, never>;
  const rewrite =
    (change: (json: Json) => unknown, file: string = "expected.json") =>
    (copy: string): void => {
      const json = JSON.parse(readFileSync(join(copy, file), "utf8")) as Json;
      writeFileSync(join(copy, file), JSON.stringify(change(json) ?? json));
    };
  const dino = join("vit-tiny", "dinov2");

  it.each<[string, string, (copy: string) => void, [item: RegExp, note: RegExp]]>([
    ["a model", dino, remove("model.safetensors"), [/dinov2\/model\.safetensors$/, /^missing model\.safetensors/]],
    ["a configuration", dino, remove("config.json"), [/dinov2\/config\.json$/, /^missing config\.json/]],
    ["an exported model", dino, remove("model.dynamo.onnx"), [/model\.dynamo\.onnx$/, /^missing model\.dynamo\.onnx/]],
    ["what says all", dino, remove("expected.json"), [/dinov2$/, /^missing .*expected\.json/]],
    ["a VAE", "sd-tiny", remove("vae"), [/sd-tiny\/vae$/, /^missing vae\/config\.json: .*latent_mean/]],
    ["a scheduler", "sd-tiny", remove("scheduler"), [/sd-tiny\/scheduler$/, /^missing scheduler\//]],
    ["a text encoder", "sd-tiny", remove("text_encoder"), [/text_encoder$/, /^missing text_encoder\//]],
    ["a tokenizer", "sd-tiny", remove("tokenizer"), [/tokenizer$/, /^missing tokenizer: model_index\.json names/]],
    ["a UNet", "sd-tiny", remove("unet"), [/sd-tiny\/unet$/, /^missing unet\/config\.json/]],
    ["a schedule", "sd2-tiny", remove("scheduler"), [/sd2-tiny\/scheduler$/, /^missing scheduler\/.*pred_x0/]],
    ["GenPose's weights", "genpose-small", remove("ckpt_genpose.pth"), [/ckpt_genpose\.pth$/, /^missing ckpt_genpose/]],
    ["a ResNet's weights", "resnet34-tv", remove("model.safetensors"), [/model\.safetensors$/, /^missing model/]],
    ["a pickle", "pickles", remove("results_p2.pkl"), [/pickles\/results_p2\.pkl$/, /^missing results_p2\.pkl/]],
    ["its json", "pickles", remove("results_p2.json"), [/pickles\/results_p2\.json$/, /^missing results_p2\.json/]],
    ["a bad pickle", "pickles", remove("bad", "os_system_p2.pkl"), [/bad\/os_system_p2\.pkl$/, /^missing bad\/os/]],
    ["a checkpoint", "pickles", remove("pth", "cuda_location.pth"), [/cuda_location\.pth$/, /^missing pth\/cuda/]],
    ["the list of pickles", "pickles", remove("index.json"), [/index\.json$/, /index\.json: there is no such file/]],
  ])(
    "says that %s is missing",
    async (_, fixture, change, [item, note]) => {
      expect(await failed(fixture, change)).toEqual([[expect.stringMatching(item), expect.stringMatching(note)]]);
    },
    120_000,
  );

  it("says which array is missing, whether it is compared with or not", async () => {
    const gone = await failed(dino, remove("reference", "native_pixel_values.npy"));
    expect(gone).toEqual([["dinov2/reference/native_pixel_values.npy", expect.stringMatching(/^missing reference/)]]);
    const all = await failed("genpose-small", remove("reference"));
    expect(all.map(([item]) => item)).toEqual(["genpose-small", "genpose-small/reference"]);
  });

  it("says what is empty or of another form, for that item alone", async () => {
    const native = ({ reference }: Json): Json => (reference as Json).native;
    const states = await failed(
      dino,
      rewrite((json) => void Object.assign(native(json), { hidden_states: [] })),
    );
    expect(states.length).toBe(3);
    for (const [, note] of states) expect(note).toMatch(/expected\.json, reference\.native\.hidden_states is empty/);
    const onnx = await failed(
      dino,
      rewrite((json) => ({ ...(json as object), onnx: {} })),
    );
    expect(onnx).toEqual([["dinov2/onnx", expect.stringMatching(/expected\.json, onnx is empty/)]]);
    const none = await failed(
      dino,
      rewrite((json) => ({ ...(json as object), reference: {} })),
    );
    expect(none.length).toBe(3);
    for (const [, note] of none)
      expect(note).toMatch(/^weights verify: .*expected\.json, reference.*(is empty|expected an)/);
    const alphas = await failed(
      "sd-tiny",
      rewrite((json) => ({ ...(json as object), alphas_cumprod: {} })),
    );
    expect(alphas).toEqual([["sd-tiny/scheduler", "kept signal: the reference is empty"]]);
    const text = await failed(dino, (copy) => writeFileSync(join(copy, "expected.json"), '{"a":NaN}'));
    expect(text).toEqual([["dinov2", expect.stringMatching(/expected\.json is no JSON/)]]);
  }, 120_000);

  it("goes on after a json that is none", async () => {
    const copy = join(folder, "several");
    for (const name of ["genpose-small", "resnet34-tv"])
      cpSync(join(fixtures, name), join(copy, name), { recursive: true });
    writeFileSync(join(copy, "genpose-small", "expected.json"), "{");
    const results = await verifyWeights(copy);
    expect(results.map(({ passed }) => passed)).toEqual([false, true, true]);
  });

  it("reads pickles that are not listed", async () => {
    const results = await failed("pickles", (copy) => {
      cpSync(join(copy, "bad", "os_system_p2.pkl"), join(copy, "evil.pkl"));
      cpSync(join(copy, "list_p4.pkl"), join(copy, "more.pkl"));
    });
    expect(results).toEqual([["pickles/evil.pkl", expect.stringMatching(/refused posix\.system/)]]);
  });

  it("does not ask for parts that nothing refers to", async () => {
    expect(await failed("sd-tiny-current", remove("vae")).catch(String)).toMatch("there is no fixture"); // its twin is not beside it
    const unet = await failed("sd-tiny", (copy) => {
      for (const part of ["vae", "text_encoder", "scheduler", "tokenizer", "model_index.json"]) remove(part)(copy);
      rewrite(({ reference, tolerance }) => {
        const { latent_scaled, noised_latent_t200, empty_prompt_embedding, unet } = reference as Json;
        const kept = { latent_scaled, noised_latent_t200, encoder_hidden_states: empty_prompt_embedding, unet };
        return { tolerance, reference: kept };
      })(copy);
    });
    expect(unet).toEqual([]);
  }, 60_000);
});

describe("Stable Diffusion from a folder", () => {
  it("gives 20 hidden states of a picture's latents", () => {
    const pipeline = loadStableDiffusion(join(fixtures, "sd-tiny"));
    tf.tidy(() => {
      const { mean } = pipeline.encode(tf.zeros([1, 64, 128, 3]));
      expect(mean.shape).toEqual([1, 8, 16, 4]);
      const features = pipeline.features(mean, 0);
      expect(features.length).toBe(20);
      expect(features[0].shape).toEqual([1, 8, 16, 8]);
    });
    const before = tf.memory().numTensors;
    pipeline.dispose();
    expect(tf.memory().numTensors).toBeLessThan(before - 700);
  });

  it("tells which file or field does not fit", () => {
    expect(() => loadStableDiffusion(fixtures)).toThrow("there is no unet/config.json");
    const config = join(folder, "config.json");
    const raw = JSON.parse(readFileSync(join(fixtures, "sd-tiny", "unet", "config.json"), "utf8")) as object;
    const load = (change: object): unknown => {
      writeFileSync(config, JSON.stringify({ ...raw, ...change }));
      return loadUNet(join(fixtures, "sd-tiny", "unet"), { config });
    };
    expect(() => load({ block_out_channels: [8, 16, 20, 24] })).toThrow(/the array is \[.*this network's is/);
    const down = ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D", "DownBlock2D"];
    expect(() => load({ down_block_types: down })).toThrow("arrays that this network does not");
    expect(() => load({ layers_per_block: 3 })).toThrow("there is no array down_blocks.0.resnets.2");
    writeFileSync(config, "{");
    expect(() => loadUNet(join(fixtures, "sd-tiny", "unet"), { config })).toThrow("is no JSON");
    expect(() => loadUNet(join(fixtures, "sd-tiny", "unet"), { variant: "bf16" })).toThrow("no bf16 weight file");
  });
});

describe("weights convert", () => {
  it("writes a checkpoint's network as safetensors, and no other program's file away", () => {
    const to = join(folder, "out.safetensors");
    const from = join(fixtures, "pickles", "pth", "unusual_tensors.pth");
    expect(convertToSafetensors(from, to).arrays).toBe(15);
    const { tensors } = openWeightFile(to);
    for (const [name, tensor] of openStateDict(from)) {
      expect(tensors.get(name)?.shape, name).toEqual(tensor.shape);
      expect(tensors.get(name)?.read(), name).toEqual(tensor.read());
    }
    convertToSafetensors(from, to);
    writeFileSync(to, "mine");
    expect(() => convertToSafetensors(from, to)).toThrow("not written by posediff");
    expect(() => convertGenPose(join(fixtures, "resnet34-tv", "model.safetensors"), to)).toThrow(
      "no PointNet++ encoder",
    );
  });

  it.skipIf(!existsSync(checkpoint))("runs GenPose's weights: feature, score, estimator", async () => {
    const results = await verifyWeights(genPose);
    expect(failures(results)).toEqual([]);
    expect(readGenPose(checkpoint).parameters.trainableCount).toBe(2_196_841);
    const to = join(folder, "genpose.safetensors");
    convertGenPose(checkpoint, to);
    expect(loadModel(to).card).toMatchObject({ network: "genpose", preset: "paper" });
    const estimator = loadPoseEstimator(to);
    const cloud = Float32Array.from({ length: 300 }, (_, i) => (i % 3 === 2 ? 0.7 : 0.05 * Math.sin(i)));
    const encoded = estimator.encode(cloud);
    expect(encoded.feature.length).toBe(1024);
    expect(estimator.hasRegression).toBe(false);
    expect(estimator.scoreOf(encoded.feature)(new Float64Array(9), 0.5).length).toBe(9);
    expect(() => encoded.regression).toThrow("no regression head");
    const found = estimator.estimate(cloud, {
      sampler: (score, z, o) => ddim(score, z, { ...o, sde: undefined, steps: 3 }),
    });
    expect(Object.keys(JSON.parse(JSON.stringify(found)) as object)).not.toContain("regression");
    expect(() => found.regression).toThrow("no regression head");
    estimator.dispose();
  });
});
