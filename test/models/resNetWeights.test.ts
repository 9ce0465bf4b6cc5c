import { join } from "node:path";
import type { Tensor4D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { ready, tf } from "../../src/backend";
import { readNpy } from "../../src/formats/npy";
import { readSafetensors } from "../../src/formats/safetensors";
import { createParameters, parameterView, weightsOf } from "../../src/models/params";
import { type ResNetConfig, resNet, resNet34, resNetParameters } from "../../src/models/resNet";
import { loadResNetWeights } from "../../src/models/resNetWeights";
import type { TorchState } from "../../src/models/torchWeights";
import { Rng } from "../../src/random";

beforeAll(() => ready());

const fixture = join(__dirname, "..", "fixtures", "formats", "resnet34-tv");

/** torchvision's own file of a ResNet-34 with an eighth of the widths. */
const state: TorchState = Object.fromEntries(
  [...readSafetensors(join(fixture, "model.safetensors")).tensors].map(([name, { shape, data }]) => [
    name,
    { shape, values: data as Float32Array },
  ]),
);

/** [1, C, H, W] of the fixture as numbers, and its H, W, C. */
function reference(name: string): { values: Float32Array; shape: number[] } {
  const { data, shape } = readNpy(join(fixture, "reference", `${name}.npy`));
  return { values: Float32Array.from(data as ArrayLike<number>), shape: [...shape] };
}

const input = reference("input");
const config: ResNetConfig = {
  ...resNet34,
  inputSize: [input.shape[2], input.shape[3]],
  stem: { ...resNet34.stem, width: 8 },
  stages: resNet34.stages.map((stage) => ({ ...stage, width: stage.width / 8 })),
};

/** The largest excess over abs 2e-4 + rel 1e-3 (the fixture's tolerance); negative: within it. */
function excess(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  let worst = -Infinity;
  for (let i = 0; i < expected.length; i++)
    worst = Math.max(worst, Math.abs(found[i] - expected[i]) - 2e-4 - 1e-3 * Math.abs(expected[i]));
  return worst;
}

describe("loadResNetWeights", () => {
  it("makes every map what torchvision makes of them", () => {
    const parameters = createParameters(resNetParameters("rgb.", config), new Rng(0));
    loadResNetWeights(parameters, "rgb.", state);
    const { maps, pooled } = tf.tidy(() => {
      const [, channels, height, width] = input.shape;
      const x = tf.transpose(tf.tensor4d(input.values, [1, channels, height, width]), [0, 2, 3, 1]) as Tensor4D;
      const found = resNet(weightsOf(parameters), "rgb.", config, x);
      return {
        maps: found.maps.map((map) => tf.transpose(map, [0, 3, 1, 2]).dataSync()),
        pooled: found.feature.dataSync(),
      };
    });
    ["stem", "maxpool", "layer1", "layer2", "layer3", "layer4"].forEach((name, i) => {
      expect(excess(maps[i], reference(name).values), name).toBeLessThanOrEqual(0);
    });
    expect(excess(pooled, reference("pooled").values)).toBeLessThanOrEqual(0);
  });

  it("lets further input channels begin at 0", () => {
    const parameters = createParameters(resNetParameters("", { ...config, channels: 4 }), new Rng(0));
    loadResNetWeights(parameters, "", state);
    const filter = parameterView(parameters, "conv1.weight");
    for (let at = 0; at < 49; at++)
      for (let o = 0; o < 8; o++) {
        expect(filter[(at * 4 + 3) * 8 + o]).toBe(0);
        expect(filter[(at * 4 + 1) * 8 + o]).toBe(state["conv1.weight"].values[(o * 3 + 1) * 49 + at]);
      }
  });

  it("refuses files of another network, and changes nothing then", () => {
    const parameters = createParameters(resNetParameters("", config), new Rng(0));
    const before = parameters.values.slice();
    const { "layer3.5.bn2.bias": _, ...incomplete } = state;
    expect(() => loadResNetWeights(parameters, "", incomplete)).toThrow(/the file has no layer3.5.bn2.bias/);
    const narrow = { ...state, "bn1.weight": { shape: [4], values: [1, 1, 1, 1] } };
    expect(() => loadResNetWeights(parameters, "", narrow)).toThrow(/bn1.weight is \[4\] in the file/);
    expect(() => loadResNetWeights(parameters, "rgb.", state)).toThrow(/no arrays under "rgb."/);
    expect(parameters.values).toEqual(before);
  });
});
