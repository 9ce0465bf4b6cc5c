/**
 * @file Fixtures in the layout of Stable Diffusion: autoencoder, text encoder, UNet, each against its library.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { assertInput } from "../../check";
import { readJsonObject } from "../../formats/readJson";
import { type AutoencoderConfig, encodeLatents } from "../../models/unet/autoencoder";
import { encodeText, type TextEncoderConfig } from "../../models/unet/textEncoder";
import { type UNetOutput, unet, unetFeatures } from "../../models/unet/unet";
import type { UNetConfig } from "../../models/unet/unetConfig";
import { emptyPromptIds } from "../../papers/emptyPrompt";
import { type LoadedNetwork, type NetworkFolderOptions, withNetwork } from "../../papers/networkFolder";
import { loadAutoencoder, loadTextEncoder, loadUNet, pictureTensor } from "../../papers/stableDiffusion";
import { alphasCumprod } from "./alphasCumprod";
import {
  Comparison,
  channelsFirst,
  channelsLast,
  type Fixture,
  type FixtureResult,
  floats,
  guarded,
  missing,
} from "./fixtureCheck";

/** References of a UNet at one step: arrays by quantity, lists of arrays by block, in any nesting. */
interface StepReference {
  timestep?: number;
  input?: string;
  [quantity: string]: unknown;
}

function autoencoder(
  item: string,
  { config, weights }: LoadedNetwork<AutoencoderConfig>,
  fixture: Fixture,
): FixtureResult {
  const comparison = new Comparison(item, fixture.tolerance());
  const picture = fixture.array(fixture.entry("reference", "image"));
  const x = pictureTensor(picture.data as Uint8Array, 1, picture.shape[0], picture.shape[1]);
  const { mean, deviation } = encodeLatents(weights, config, x);
  const made = { latent_mean: mean, latent_std: deviation, latent_scaled: tf.mul(mean, config.scaling) };
  for (const [name, tensor] of Object.entries(made)) {
    const entry = fixture.entry("reference", name);
    if (entry) comparison.add(name, channelsFirst(tensor), fixture.array(entry));
  }
  return comparison.result();
}

/** ᾱ of the folder's schedule, and latents noised by it: √ᾱ·x + √(1 − ᾱ)·z. */
function scheduler(item: string, folder: string, fixture: Fixture): FixtureResult {
  const comparison = new Comparison(item, fixture.tolerance());
  const schedule = scheduleOf(folder);
  const listed = Object.entries((fixture.entry("alphas_cumprod") ?? {}) as Record<string, number>);
  const reference = fixture.object("reference");
  const kept = listed.map(([step]) => schedule?.[Number(step)] ?? Number.NaN);
  const data = Float64Array.from(listed, ([, value]) => value);
  comparison.add("kept signal", kept, { dtype: "float64", shape: [data.length], data });
  listed.forEach(([step], i) => {
    const [latent, noise, noised] = ["latent_scaled", "noise", `noised_latent_t${step}`].map((name) => reference[name]);
    if (!latent || !noise || !noised) return;
    const [x, z] = [floats(fixture.array(latent)), floats(fixture.array(noise))];
    const ours = x.map((value, k) => Math.sqrt(kept[i]) * value + Math.sqrt(1 - kept[i]) * z[k]);
    comparison.add(`latents noised at ${step}`, ours, fixture.array(noised));
  });
  return comparison.result();
}

function textEncoder(
  item: string,
  { config, weights }: LoadedNetwork<TextEncoderConfig>,
  folder: string,
  fixture: Fixture,
): FixtureResult {
  const comparison = new Comparison(item, fixture.tolerance());
  const given = fixture.entry("empty_prompt_ids") as number[] | undefined;
  const ids = emptyPromptIds(join(folder, "tokenizer"), config);
  if (given)
    comparison.add("tokens of the empty prompt", ids, { dtype: "int32", shape: [], data: Int32Array.from(given) });
  const check = (name: string, prompt: readonly number[] | undefined): void => {
    const reference = fixture.entry("reference", name);
    if (!prompt || !reference) return;
    comparison.add(name, channelsFirst(encodeText(weights, config, [prompt])), fixture.array(reference));
  };
  check("empty_prompt_embedding", ids);
  check("prompt_embedding", fixture.entry("prompt_ids") as number[] | undefined);
  return comparison.result();
}

/** A block's name in the reference, "down_0_1", from the order of our taps. */
function tapNames(config: { down: readonly { resnets: number }[]; up: readonly { resnets: number }[] }): string[] {
  const names = (half: string, blocks: readonly { resnets: number }[]): string[] =>
    blocks.flatMap(({ resnets }, b) => Array.from({ length: resnets }, (_, r) => `${half}_${b}_${r}`));
  return [...names("down", config.down), ...names("up", config.up)];
}

function denoiser(
  item: string,
  { config, weights }: LoadedNetwork<UNetConfig>,
  folder: string,
  fixture: Fixture,
  variant?: string,
): FixtureResult {
  const comparison = new Comparison(item, fixture.tolerance());
  const reference = fixture.object("reference");
  const context = reference.encoder_hidden_states ?? reference.empty_prompt_embedding;
  const prompt = context ? (channelsLast(fixture.array(context)) as Tensor3D) : undefined;
  const steps = (variant ? reference[`unet_${variant}_weights`] : reference.unet) as
    | Record<string, unknown>
    | undefined;
  assertInput(
    steps,
    `weights verify: ${fixture.folder}/expected.json has no reference of a UNet (${variant ?? "full"})`,
  );
  const names = tapNames(config);
  const schedule = scheduleOf(folder);
  for (const [key, value] of Object.entries(stepReferences(steps))) {
    let compared = 0;
    const timestep = value.timestep ?? Number(/t(\d+)/.exec(key)?.[1] ?? 0);
    const input = reference[value.input ?? "latent"] ?? reference.latent_scaled ?? reference.latent;
    const x = channelsLast(fixture.array(input)) as Tensor4D;
    const made = tf.tidy(() => ({ ...unet(weights, config, x, timestep, { context: prompt }) }));
    const quantities = quantitiesOf(made, names, x, schedule?.[timestep]);
    visitArrays(value, (quantity, entry) => {
      const tensor = quantities.get(quantity);
      if (!tensor) return;
      comparison.add(`${key} ${quantity}`, channelsFirst(tensor), fixture.array(entry));
      compared++;
    });
    assertInput(compared > 0, `weights verify: ${fixture.path} has nothing to compare with at ${key} of the UNet`);
  }
  return comparison.result();
}

/** The steps of a reference: those under keys such as "t200", or the reference itself where it is one step. */
function stepReferences(steps: Record<string, unknown>): Record<string, StepReference> {
  const named = Object.entries(steps).filter(([key]) => /^t\d+/.test(key));
  return named.length > 0 ? (Object.fromEntries(named) as Record<string, StepReference>) : { t0: steps };
}

/** Every array of a reference, with what it is: the key, or the block's name. */
function visitArrays(value: unknown, visit: (quantity: string, entry: object) => void, key: string = ""): void {
  if (typeof value !== "object" || value === null) return;
  if ("file" in value) {
    const { block } = value as { block?: unknown };
    visit(typeof block === "string" ? block : key.replace(/^conv2_\d+_/, ""), value);
  } else for (const [inner, item] of Object.entries(value)) visitArrays(item, visit, inner);
}

/** ᾱ of the folder's scheduler, where there is one. */
function scheduleOf(folder: string): Float64Array | undefined {
  const path = join(folder, "scheduler", "scheduler_config.json");
  return existsSync(path) ? alphasCumprod(readJsonObject("weights verify", path), path) : undefined;
}

/**
 * Our tensors by the references' names.
 *
 * @param kept ᾱ of the step: then also x₀ and ε of a network that predicts v (Salimans & Ho 2022, appendix D)
 */
function quantitiesOf(
  made: UNetOutput,
  names: readonly string[],
  x: Tensor4D,
  kept: number | undefined,
): Map<string, Tensor> {
  const quantities = new Map<string, Tensor>([
    ["output", made.sample],
    ["output_v", made.sample],
    ["temb", made.time],
    ["conv_in", made.first],
    ...made.middle.map((map, i): [string, Tensor] => [`mid_${i}`, map]),
    ...unetFeatures(made).map((map, i): [string, Tensor] => [names[i], map]),
  ]);
  if (kept !== undefined) {
    const [signal, noise] = [Math.sqrt(kept), Math.sqrt(1 - kept)];
    quantities.set("pred_x0", tf.sub(tf.mul(x, signal), tf.mul(made.sample, noise)));
    quantities.set("pred_eps", tf.add(tf.mul(made.sample, signal), tf.mul(x, noise)));
  }
  return quantities;
}

/** Of each part of the layout, the file by which it is known to be there. */
const partFiles: Readonly<Record<string, string>> = {
  vae: "vae/config.json",
  text_encoder: "text_encoder/config.json",
  tokenizer: "tokenizer",
  scheduler: "scheduler/scheduler_config.json",
  unet: "unet/config.json",
};

/** What the references are of, by part, and what only a schedule can give. */
const partReferences: Readonly<Record<string, readonly string[]>> = {
  vae: ["latent_mean", "latent_std"],
  text_encoder: ["empty_prompt_embedding", "prompt_embedding"],
  scheduler: ["pred_x0", "pred_eps"],
  unet: ["unet"],
};

/** Parts that the folder's own json files name and that are not there. */
function missingParts(name: string, fixture: Fixture): FixtureResult[] {
  const index = join(fixture.folder, "model_index.json");
  const listed = existsSync(index) ? readJsonObject("weights verify", index) : {};
  const referred = new Set(Object.keys(fixture.object("reference")));
  visitArrays(fixture.entry("reference", "unet"), (quantity) => referred.add(quantity));
  const why = (part: string): string | undefined => {
    const quantity = partReferences[part]?.find((key) => referred.has(key));
    if (quantity) return `expected.json has its ${quantity}`;
    if (part === "scheduler" && fixture.entry("alphas_cumprod") !== undefined)
      return "expected.json has alphas_cumprod";
    // [library, class]; [null, null] for a part that is left away
    const [library] = Array.isArray(listed[part]) ? (listed[part] as unknown[]) : [];
    return typeof library === "string" ? "model_index.json names it" : undefined;
  };
  return Object.entries(partFiles).flatMap(([part, file]) => {
    const reason = fixture.has(file) ? undefined : why(part);
    return reason ? [missing(`${name}/${part}`, file, reason)] : [];
  });
}

/**
 * All parts of a folder that has `vae/`, `text_encoder/` or `unet/`.
 *
 * @param fixture whose references hold: of the folder itself, or of another folder with the same weights
 */
export async function verifyStableDiffusion(name: string, folder: string, fixture: Fixture): Promise<FixtureResult[]> {
  // Another folder's references say nothing of what lies in this one.
  const own = folder === fixture.folder;
  const results: FixtureResult[] = own ? await guarded(name, () => missingParts(name, fixture)) : [];
  const there = (...path: string[]): boolean => existsSync(join(folder, ...path));
  const check = async (part: string, run: (item: string) => FixtureResult): Promise<void> => {
    const item = `${name}/${part}`;
    results.push(...(await guarded(item, () => [run(item)])));
  };
  const wanted = (...references: string[]): boolean =>
    references.some((reference) => fixture.entry("reference", reference) !== undefined);
  if (there("vae", "config.json") && wanted(...partReferences.vae))
    await check("vae", (item) =>
      withNetwork(loadAutoencoder(join(folder, "vae")), (network) => autoencoder(item, network, fixture)),
    );
  if (there("text_encoder", "config.json") && wanted(...partReferences.text_encoder))
    await check("text_encoder", (item) =>
      withNetwork(loadTextEncoder(join(folder, "text_encoder")), (network) =>
        textEncoder(item, network, folder, fixture),
      ),
    );
  if (there("scheduler", "scheduler_config.json") && fixture.entry("alphas_cumprod") !== undefined)
    await check("scheduler", (item) => scheduler(item, folder, fixture));
  const weights = (ending: string): boolean =>
    there("unet", `diffusion_pytorch_model${ending}.safetensors`) ||
    there("unet", `diffusion_pytorch_model${ending}.bin`);
  if (!there("unet", "config.json") || !wanted("unet")) return results;
  const unetOf = (source: string, options: NetworkFolderOptions = {}): ((item: string) => FixtureResult) => {
    return (item) =>
      withNetwork(loadUNet(join(source, "unet"), options), (network) =>
        denoiser(item, network, source, fixture, options.variant),
      );
  };
  if (weights("")) await check("unet", unetOf(folder));
  if (wanted("unet_fp16_weights") && own && !weights(".fp16")) {
    const file = "unet/diffusion_pytorch_model.fp16.safetensors";
    results.push(missing(`${name}/unet (fp16)`, file, "expected.json has its unet_fp16_weights"));
  }
  if (weights(".fp16") && wanted("unet_fp16_weights")) await check("unet (fp16)", unetOf(folder, { variant: "fp16" }));
  // The same network as another version of the library describes it, with the weights that there are.
  const source = weights("") ? folder : fixture.folder;
  const configs = readdirSync(join(folder, "unet")).filter((file) => /^config.*\.json$/.test(file));
  for (const file of weights("") ? configs.filter((name) => name !== "config.json") : configs)
    await check(`unet (${file})`, unetOf(source, { config: join(folder, "unet", file) }));
  return results;
}
