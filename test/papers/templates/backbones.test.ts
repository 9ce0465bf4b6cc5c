import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ready, tf } from "../../../src/backend";
import { sharedData } from "../../../src/datasets/sharedData";
import { normalizedPictures, resizedMaps } from "../../../src/models/featureBackbone";
import { openOnnx } from "../../../src/models/onnxSession";
import { efficientNetPath } from "../../../src/papers/templates/backbonePath";
import { openBackbone } from "../../../src/papers/templates/backbones";

const fixtures = join(__dirname, "..", "..", "fixtures", "formats");
beforeAll(() => ready());

const picture = (size: number): Uint8Array =>
  Uint8Array.from({ length: size * size * 3 }, (_, i) => (i * 31 + (i >> 5)) % 256);

/** Runs a backbone on two pictures and returns its shapes. */
async function shapesOf(name: string, options = {}): Promise<number[][]> {
  const backbone = await openBackbone(name, options);
  const { inputSize } = backbone;
  const maps = await backbone.features(Uint8Array.from([...picture(inputSize), ...picture(inputSize)]), 2);
  const shapes = maps.map(({ shape }) => shape as number[]);
  expect(shapes.map((shape) => shape[3])).toEqual(backbone.layers.map(({ channels }) => channels));
  const resized = resizedMaps(maps, 4);
  for (const map of resized) expect(map.shape.slice(0, 3)).toEqual([2, 4, 4]);
  tf.dispose(resized);
  backbone.dispose();
  return shapes;
}

describe("one interface for backbones", () => {
  test("Stable Diffusion's folder: every ResNet block of both halves", async () => {
    const shapes = await shapesOf(`sd:${join(fixtures, "sd-tiny")}`, { inputSize: 32 });
    expect(shapes.length).toBeGreaterThan(4);
  });

  test("a vision transformer's folder: every block, as a map of patches", async () => {
    const shapes = await shapesOf(`vit:${join(fixtures, "vit-tiny", "dinov2")}`, { inputSize: 56 });
    for (const shape of shapes) expect(shape.slice(0, 3)).toEqual([2, shapes[0][1], shapes[0][1]]);
  });

  test("an ONNX transformer: the blocks found by form, chosen by number", async () => {
    const all = await shapesOf(`onnx:${join(fixtures, "dinov2-tiny", "model.onnx")}`);
    const last = await shapesOf(`onnx:${join(fixtures, "dinov2-tiny", "model.onnx")}`, { layers: [all.length] });
    expect(last).toEqual([all[all.length - 1]]);
    await expect(openBackbone(`onnx:${join(fixtures, "dinov2-tiny", "model.onnx")}`, { layers: [99] })).rejects.toThrow(
      "there is no layer 99",
    );
  });

  test("names that are none, files that are not there", async () => {
    await expect(openBackbone("resnet")).rejects.toThrow(
      "give efficientnet-lite0, diffusion, template-pose:FILE, onnx:FILE",
    );
    await expect(openBackbone("efficientnet-lite0:nowhere.pth")).rejects.toThrow("run posediff setup");
    await expect(openBackbone("diffusion:nowhere.safetensors")).rejects.toThrow("posediff train --network diffusion");
    await expect(openBackbone("onnx:nowhere.onnx")).rejects.toThrow("is not there");
  });
});

const onnx = sharedData("pretrained", "efficientnet_lite0.onnx");
const there = existsSync(efficientNetPath) && onnx !== undefined;
if (!there)
  console.log("backbones.test: EfficientNet-Lite0 or its ONNX twin is not on this machine; its check is skipped");

test.skipIf(!there)(
  "EfficientNet-Lite0 from the .pth is onnxruntime's from the ONNX file, all seven stages",
  async () => {
    const backbone = await openBackbone("efficientnet-lite0", { inputSize: 128, layers: [1, 2, 3, 4, 5, 6, 7] });
    const maps = await backbone.features(picture(128), 1);
    const model = await openOnnx("test", onnx as string);
    const planes = tf.tidy(() => tf.transpose(normalizedPictures(picture(128), 1, 128), [0, 3, 1, 2]).dataSync());
    const values = await model.run(planes as Float32Array, 128, 128, model.outputNames);
    for (const map of maps) {
      const twin = values.find(({ dims }) => dims.length === 4 && dims[1] === map.shape[3]);
      const ours = tf.tidy(() => tf.transpose(map, [0, 3, 1, 2]).dataSync());
      const theirs = twin?.data as Float32Array;
      expect(theirs.length).toBe(ours.length);
      let difference = 0;
      for (let i = 0; i < ours.length; i++) difference = Math.max(difference, Math.abs(ours[i] - theirs[i]));
      expect(difference).toBeLessThan(1e-3);
    }
    tf.dispose(maps);
    model.dispose();
    backbone.dispose();
  },
);
