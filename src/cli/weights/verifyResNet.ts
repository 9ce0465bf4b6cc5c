/**
 * @file Fixtures of torchvision's ResNets of basic blocks, from every weight file that lies in the folder.
 */
import { join } from "node:path";
import type { Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { assertInput } from "../../check";
import { linear } from "../../models/layers";
import type { ParameterSpec } from "../../models/params";
import { type ResNetConfig, resNet, resNetParameters } from "../../models/resNet";
import { weightsFromTorch } from "../../models/torchWeights";
import { openTorchState, type TorchStateFile } from "../../papers/torchState";
import {
  Comparison,
  channelsFirst,
  channelsLast,
  type Fixture,
  type FixtureResult,
  guarded,
  isFileName,
  missing,
} from "./fixtureCheck";

/** The blocks that a file holds: torchvision's `resnet34.pth` all of them, a part of a network fewer. */
function configOf(file: TorchStateFile, size: readonly [number, number]): ResNetConfig {
  const shape = (name: string): readonly number[] | undefined => file.find(name)?.shape;
  const stem = shape("conv1.weight");
  assertInput(stem, `weights verify: ${file.path} has no conv1.weight; it is no ResNet of torchvision`);
  const stages: ResNetConfig["stages"][number][] = [];
  for (let s = 1; shape(`layer${s}.0.conv1.weight`); s++) {
    let blocks = 0;
    while (shape(`layer${s}.${blocks}.conv1.weight`)) blocks++;
    stages.push({ blocks, width: (shape(`layer${s}.0.conv1.weight`) as number[])[0], stride: s === 1 ? 1 : 2 });
  }
  const basic = !file.find("layer1.0.conv3.weight");
  assertInput(
    basic,
    `weights verify: ${file.path} has bottleneck blocks (ResNet-50 and larger); only basic ones are built`,
  );
  return {
    inputSize: size,
    channels: stem[1],
    stem: { kernel: stem[2], width: stem[0], stride: 2, pool: true },
    stages,
    norm: "batch",
    grid: [1, 1],
  };
}

function verifyFile(item: string, fixture: Fixture, name: string): FixtureResult {
  const comparison = new Comparison(item, fixture.tolerance());
  const file = openTorchState(join(fixture.folder, name));
  const x = channelsLast(fixture.array(fixture.entry("reference", "input"))) as Tensor4D;
  const config = configOf(file, [x.shape[1], x.shape[2]]);
  const classifier = file.find("fc.weight");
  const inputs = config.stages[config.stages.length - 1].width;
  const head: ParameterSpec[] = classifier
    ? [
        { name: "fc.weight", shape: [inputs, classifier.shape[0]], initial: () => [] },
        { name: "fc.bias", shape: [classifier.shape[0]], initial: () => [] },
      ]
    : [];
  const weights = weightsFromTorch(file.path, [...resNetParameters("", config), ...head], file.find);
  file.assertUsed(/num_batches_tracked$/);
  const { maps, feature } = resNet(weights, "", config, x);
  const names = ["stem", "maxpool", ...config.stages.map((_, s) => `layer${s + 1}`)];
  maps.forEach((map, i) => {
    const entry = fixture.entry("reference", names[i]);
    if (entry) comparison.add(names[i], channelsFirst(map), fixture.array(entry));
  });
  if (classifier) {
    const logits: Tensor2D = linear(weights, "fc", feature);
    const outputs: Record<string, Tensor1D | Tensor2D> = { pooled: feature, logits };
    for (const [quantity, tensor] of Object.entries(outputs)) {
      const entry = fixture.entry("reference", quantity);
      if (entry) comparison.add(quantity, tensor.dataSync(), fixture.array(entry));
    }
  }
  return comparison.result();
}

/** Every file that `expected.json` lists. */
export async function verifyResNet(item: string, fixture: Fixture): Promise<FixtureResult[]> {
  const results: FixtureResult[] = [];
  for (const name of Object.keys(fixture.object("files"))) {
    const part = `${item}/${name}`;
    const check = (): FixtureResult[] => [verifyFile(part, fixture, name)];
    if (isFileName(name) && fixture.has(name)) results.push(...(await guarded(part, check)));
    else results.push(missing(part, name, "expected.json lists it"));
  }
  return results;
}
