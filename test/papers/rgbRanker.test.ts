import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ready, tf } from "../../src/backend";
import { createParameters, parameterView } from "../../src/models/params";
import { defaultRgbEnergyRun, rgbEnergyParameters, trainRgbEnergyModel } from "../../src/papers/rgbEnergyTraining";
import { rgbParameters, rgbPresets } from "../../src/papers/rgbMeanShift";
import { loadRgbRanker } from "../../src/papers/rgbRanker";
import { Rng } from "../../src/random";
import { loadModel, saveModel } from "../../src/training/checkpoint";
import { testPhoto as photo, testView as view } from "./testPhoto";

beforeAll(() => ready());

const { small } = rgbPresets;
const folder = mkdtempSync(join(tmpdir(), "posediff-rgb-ranker-"));
const truth = { ...photo.pose, size: photo.size };
const run = { ...defaultRgbEnergyRun, steps: 2, batchSize: 2, visits: 1, draws: 2 };
const options = { config: small, variant: "NGR", run, signal: new AbortController().signal } as const;

describe("a ranker of photos", () => {
  it("keeps the encoder of the network it starts from, learns the rest, and gives energies of each part", async () => {
    const network = createParameters(rgbParameters(small), new Rng(1));
    const start = join(folder, "rgb.safetensors");
    saveModel(start, network, network.values, { preset: "small", network: "rgb", variant: "NGR" });
    const tensors = tf.memory().numTensors;
    const { path } = await trainRgbEnergyModel({ ...options, folder: join(folder, "run"), start });
    const trained = loadModel(path).values;
    const encoder = "rgb.conv1.weight";
    expect(trained.get(encoder)?.data).toEqual(parameterView(network, encoder));
    const score = "fusion_tail.0.point";
    expect(trained.get(score)?.data).not.toEqual(parameterView(network, score));

    const ranker = loadRgbRanker(path);
    const moved = { ...truth, translation: [0.1, 0.1, 1.5] as const };
    const energies = ranker.energies(view, [truth, { ...moved, translation: [0.1, 0.1, 1.5] }]);
    for (const part of [energies.rotation, energies.translation, energies.size]) {
      expect(part.length).toBe(2);
      expect(Array.from(part).every(Number.isFinite)).toBe(true);
    }
    // The same rotation and size, another place: only its own energy may follow x itself.
    expect(energies.translation[0]).not.toBe(energies.translation[1]);
    ranker.dispose();
    expect(tf.memory().numTensors).toBe(tensors);
    expect(JSON.parse(readFileSync(path.replace(".safetensors", ".json"), "utf8")).network).toBe("rgbEnergy");
  });

  it("refuses to begin without a network, and files of another one", async () => {
    expect(() => trainRgbEnergyModel({ ...options, folder: join(folder, "none") })).toThrow(
      /give that network's model file/,
    );
    const parameters = createParameters(rgbEnergyParameters(small), new Rng(1));
    const other = join(folder, "other.safetensors");
    saveModel(other, parameters, parameters.values, { preset: "small", network: "rgb" });
    expect(() => loadRgbRanker(other)).toThrow(/is no ranker of photos/);
  });
});
