/**
 * @file Fixtures of vision transformers: every hidden state, by our own layers and in exported ONNX models.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import { assertInput } from "../../check";
import type { NdArray } from "../../formats/ndarray";
import { type PictureNorm, picturePlanes } from "../../models/onnxSession";
import { type VisionTransformerConfig, visionTransformer } from "../../models/vit/visionTransformer";
import { type LoadedNetwork, withNetwork } from "../../papers/networkFolder";
import { openOnnxTransformer } from "../../papers/onnxTransformer";
import { loadVisionTransformer } from "../../papers/visionTransformerFolder";
import { Comparison, channelsLast, type Fixture, type FixtureResult, guarded } from "./fixtureCheck";

/** References of one picture size. */
interface PictureReference {
  image?: unknown;
  hidden_states?: readonly unknown[];
  last_hidden_state?: unknown;
  pooler_output?: unknown;
}

interface ExportedModel {
  file?: string;
  outputs?: readonly string[];
  block_final_add?: readonly { output?: string }[];
}

async function verifyExport(item: string, fixture: Fixture, exported: ExportedModel): Promise<FixtureResult> {
  const comparison = new Comparison(item, fixture.tolerance());
  const model = await openOnnxTransformer(join(fixture.folder, exported.file ?? ""));
  try {
    const reference = fixture.entry("reference", "native") as PictureReference;
    const picture = fixture.array(reference.image);
    const norm = fixture.entry("preprocess") as unknown as PictureNorm;
    const [height, width] = picture.shape;
    const planes = picturePlanes(picture.data as Uint8Array, norm);
    const expected = exported.block_final_add?.map(({ output }) => output);
    if (expected) {
      const found = model.states.slice(1);
      assertInput(
        found.join() === expected.join(),
        `${exported.file}: found the block outputs ${found.join(", ")}, listed are ${expected.join(", ")}`,
      );
    }
    const names = [...model.states, ...model.outputs];
    const values = await model.run(planes, width, height, names);
    const compare = (quantity: string, index: number, array: NdArray): void => {
      comparison.add(quantity, values[index]?.values ?? [], array);
    };
    reference.hidden_states?.forEach((entry, i) => {
      compare(`hidden state ${i}`, i, fixture.array(entry));
    });
    for (const output of ["last_hidden_state", "pooler_output"] as const) {
      const index = names.lastIndexOf(output);
      if (reference[output] && index >= 0) compare(output, index, fixture.array(reference[output]));
    }
    return comparison.result();
  } finally {
    model.dispose();
  }
}

/** The network by our own layers, from a weight file and a configuration, at every picture size of the reference. */
function verifyLayers(item: string, fixture: Fixture, network: LoadedNetwork<VisionTransformerConfig>): FixtureResult {
  const comparison = new Comparison(item, fixture.tolerance());
  const norm = fixture.entry("preprocess") as unknown as PictureNorm;
  for (const [size, value] of Object.entries(fixture.entry("reference") as Record<string, PictureReference>)) {
    if (typeof value !== "object" || !value.image) continue;
    const picture = fixture.array(value.image);
    const [height, width] = picture.shape;
    const planes = picturePlanes(picture.data as Uint8Array, norm);
    const x = channelsLast({ dtype: "float32", shape: [1, 3, height, width], data: planes }) as Tensor4D;
    const { hidden, last, pooled } = visionTransformer(network.weights, network.config, x);
    value.hidden_states?.forEach((entry, i) => {
      comparison.add(`${size} hidden state ${i}`, hidden[i]?.dataSync() ?? [], fixture.array(entry));
    });
    const outputs: Record<string, Tensor> = { last_hidden_state: last, pooler_output: pooled };
    for (const output of ["last_hidden_state", "pooler_output"] as const)
      if (value[output]) comparison.add(`${size} ${output}`, outputs[output].dataSync(), fixture.array(value[output]));
  }
  return comparison.result();
}

/** Every weight file and configuration of the folder by our layers, and every exported model that is listed. */
export async function verifyTransformer(item: string, fixture: Fixture): Promise<FixtureResult[]> {
  const results: FixtureResult[] = [];
  const files = readdirSync(fixture.folder).sort();
  const configs = files.filter((file) => /^config.*\.json$/.test(file));
  for (const weights of files.filter((file) => /\.(safetensors|pth|bin)$/.test(file)))
    for (const config of configs) {
      const part = `${item}/${weights}${config === "config.json" ? "" : ` (${config})`}`;
      const paths = { weights: join(fixture.folder, weights), config: join(fixture.folder, config) };
      const verify = (network: LoadedNetwork<VisionTransformerConfig>): FixtureResult[] => [
        verifyLayers(part, fixture, network),
      ];
      results.push(...(await guarded(part, () => withNetwork(loadVisionTransformer(fixture.folder, paths), verify))));
    }
  for (const exported of Object.values((fixture.entry("onnx") ?? {}) as Record<string, ExportedModel>))
    if (exported.file && fixture.has(exported.file)) {
      const part = `${item}/${exported.file}`;
      results.push(...(await guarded(part, async () => [await verifyExport(part, fixture, exported)])));
    }
  return results;
}
