/**
 * @file Fixtures of vision transformers: every hidden state, by our own layers and in exported ONNX models.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import { assertInput } from "../../check";
import type { NdArray } from "../../formats/ndarray";
import { pictureNorm, picturePlanes } from "../../models/onnxSession";
import { type VisionTransformerConfig, visionTransformer } from "../../models/vit/visionTransformer";
import { type LoadedNetwork, withNetwork } from "../../papers/networkFolder";
import { openOnnxTransformer } from "../../papers/onnxTransformer";
import { loadVisionTransformer } from "../../papers/visionTransformerFolder";
import {
  Comparison,
  channelsLast,
  type Fixture,
  type FixtureResult,
  guarded,
  isFileName,
  missing,
} from "./fixtureCheck";

/** References of one picture size. */
interface PictureReference {
  image?: unknown;
  hidden_states?: unknown;
  last_hidden_state?: unknown;
  pooler_output?: unknown;
}

interface ExportedModel {
  file?: unknown;
  block_final_add?: readonly { output?: string }[];
}

const quantities = ["hidden_states", "last_hidden_state", "pooler_output"] as const;

/** The references by picture size; what else lies beside them says something of the run. */
const pictureReferences = (fixture: Fixture): [size: string, PictureReference][] =>
  Object.entries(fixture.object("reference")).filter(
    (entry): entry is [string, PictureReference] =>
      typeof entry[1] === "object" &&
      entry[1] !== null &&
      ["image", ...quantities].some((key) => key in (entry[1] as object)),
  );

async function verifyExport(
  item: string,
  fixture: Fixture,
  file: string,
  exported: ExportedModel,
): Promise<FixtureResult> {
  const comparison = new Comparison(item, fixture.tolerance());
  const model = await openOnnxTransformer(join(fixture.folder, file));
  try {
    const reference: PictureReference = fixture.object("reference", "native");
    const picture = fixture.array(reference.image);
    const norm = pictureNorm(`weights verify: ${fixture.path}, preprocess`, fixture.object("preprocess"));
    const [height, width] = picture.shape;
    const planes = picturePlanes(picture.data as Uint8Array, norm);
    const expected = exported.block_final_add?.map(({ output }) => output);
    if (expected) {
      const found = model.states.slice(1);
      assertInput(
        found.join() === expected.join(),
        `${file}: found the block outputs ${found.join(", ")}, listed are ${expected.join(", ")}`,
      );
    }
    const names = [...model.states, ...model.outputs];
    const values = await model.run(planes, width, height, names);
    const compare = (quantity: string, index: number, array: NdArray): void => {
      comparison.add(quantity, values[index]?.values ?? [], array);
    };
    fixture.list("reference", "native", "hidden_states").forEach((entry, i) => {
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
  const norm = pictureNorm(`weights verify: ${fixture.path}, preprocess`, fixture.object("preprocess"));
  for (const [size, value] of pictureReferences(fixture)) {
    const picture = fixture.array(value.image);
    const [height, width] = picture.shape;
    const planes = picturePlanes(picture.data as Uint8Array, norm);
    const x = channelsLast({ dtype: "float32", shape: [1, 3, height, width], data: planes }) as Tensor4D;
    const { hidden, last, pooled } = visionTransformer(network.weights, network.config, x);
    fixture.list("reference", size, "hidden_states").forEach((entry, i) => {
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
  const networks = files.filter((file) => /\.(safetensors|pth|bin)$/.test(file));
  // A folder of exported models alone has neither; their references are of one picture size.
  const exportsOnly = fixture.entry("onnx") !== undefined && !fixture.entry("reference", "interpolated");
  if (configs.length + networks.length > 0 || !exportsOnly) {
    const why = "expected.json has references of this network";
    if (configs.length === 0) results.push(missing(`${item}/config.json`, "config.json", why));
    if (networks.length === 0)
      results.push(missing(`${item}/model.safetensors`, "model.safetensors, .pth or .bin", why));
  }
  for (const weights of networks)
    for (const config of configs) {
      const part = `${item}/${weights}${config === "config.json" ? "" : ` (${config})`}`;
      const paths = { weights: join(fixture.folder, weights), config: join(fixture.folder, config) };
      const verify = (network: LoadedNetwork<VisionTransformerConfig>): FixtureResult[] => [
        verifyLayers(part, fixture, network),
      ];
      results.push(...(await guarded(part, () => withNetwork(loadVisionTransformer(fixture.folder, paths), verify))));
    }
  if (fixture.entry("onnx") === undefined) return results;
  const verifyExports = async (): Promise<FixtureResult[]> => {
    const found: FixtureResult[] = [];
    for (const key of Object.keys(fixture.object("onnx"))) {
      const exported: ExportedModel = fixture.object("onnx", key);
      const { file } = exported;
      assertInput(
        isFileName(file),
        `weights verify: ${fixture.path}, onnx.${key} names no file; take the original file`,
      );
      const part = `${item}/${file}`;
      if (fixture.has(file))
        found.push(...(await guarded(part, async () => [await verifyExport(part, fixture, file, exported)])));
      else found.push(missing(part, file, "expected.json lists it"));
    }
    return found;
  };
  return [...results, ...(await guarded(`${item}/onnx`, verifyExports))];
}
