/**
 * @file Fixtures of GenPose's checkpoint: feature, levels and score.
 */
import { join } from "node:path";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { assertInput } from "../../check";
import { group } from "../../geometry/grouping";
import { weightsOf } from "../../models/params";
import { encode } from "../../models/pointNet2";
import { rawScore } from "../../models/scoreNetwork";
import { readGenPose } from "../../papers/genPose";
import { VESDE } from "../../sde/vesde";
import { Comparison, type Fixture, type FixtureResult, floats, isFileName, missing } from "./fixtureCheck";

/** GenPose's guard against division by 0 (`scorenet.py`). */
const guard = 1e-7;

/** [B, S, C] rows → [B, C, n] of the first n rows of each cloud. */
function firstColumns(rows: Float32Array, [clouds, channels, count]: readonly number[]): Float32Array {
  const columns = new Float32Array(clouds * channels * count);
  const each = rows.length / (clouds * channels);
  for (let b = 0; b < clouds; b++)
    for (let c = 0; c < channels; c++)
      for (let s = 0; s < count; s++) columns[(b * channels + c) * count + s] = rows[(b * each + s) * channels + c];
  return columns;
}

/** The encoder, level by level, and the score, each at its own tolerance. */
export function verifyGenPose(item: string, fixture: Fixture): FixtureResult[] {
  const checkpoint = fixture.entry("checkpoint", "file");
  assertInput(isFileName(checkpoint), `weights verify: ${fixture.path} names no checkpoint; take the original file`);
  if (!fixture.has(checkpoint)) return [missing(`${item}/${checkpoint}`, checkpoint, "expected.json names it")];
  const comparison = new Comparison(`${item}/feature`, fixture.tolerance("feature"));
  const ofScore = new Comparison(`${item}/score`, fixture.tolerance("score"));
  const { encoder, score, parameters } = readGenPose(join(fixture.folder, checkpoint));
  const weights = weightsOf(parameters);
  const reference = (name: string): Float32Array => floats(fixture.array(fixture.entry("reference", name)));
  const points = fixture.array(fixture.entry("reference", "pts"));
  const config = { ...encoder, points: points.shape[1] };
  const grouping = group(config, floats(points), points.shape[0]);
  const { feature, levels = [] } = encode(weights, config, grouping, { keepLevels: true });
  const listed = fixture.list("reference", "levels") as ({ file?: string } | null)[];
  for (const entry of listed) {
    const level = Number(/^sa(\d+)_/.exec(entry?.file ?? "")?.[1] ?? -1);
    const array = fixture.array(entry);
    if (/_features/.test(entry?.file ?? "") && levels[level]) {
      const ours = firstColumns(levels[level].dataSync() as Float32Array, array.shape);
      comparison.add(`level ${level}`, ours, array);
    } else if (/_xyz/.test(entry?.file ?? "") && grouping.levels[level])
      comparison.add(`centres of level ${level}`, grouping.levels[level].xyz, array);
  }
  const chosen = fixture.entry("reference", "fps_idx_level0");
  if (chosen) comparison.add("chosen points", grouping.levels[0].centres, fixture.array(chosen));
  comparison.add("feature", feature.dataSync(), fixture.array(fixture.entry("reference", "feature")));

  const t = reference("t");
  const poses = fixture.array(fixture.entry("reference", "sampled_pose"));
  const x = tf.tensor2d(floats(poses), poses.shape as [number, number]);
  const perObject = t.length / points.shape[0];
  assertInput(
    Number.isInteger(perObject),
    `weights verify: ${item} has ${t.length} times for ${points.shape[0]} clouds`,
  );
  const raw = rawScore(weights, score, { feature, x: x as Tensor2D, t }).dataSync();
  const sde = new VESDE();
  const dimension = poses.shape[1];
  const ours = raw.map((value, i) => value / (sde.sigma(t[Math.floor(i / dimension)]) + guard));
  ofScore.add("score", ours, fixture.array(fixture.entry("reference", "score")));
  return [comparison.result(), ofScore.result()];
}
