/**
 * @file Parity of losses, optimiser, schedule, moving average and augmentation with GenPose and PyTorch.
 */
import { tf } from "../../backend";
import { rotation6dOf, rotationFrom6d } from "../../geometry/rotation";
import { vesde } from "../../sde/vesde";
import {
  moveCloud,
  type PosedCloud,
  rotationOfAngles,
  scaleCloud,
  spreadCloud,
  taperCloud,
  taperFactor,
} from "../../training/augment";
import { emaDecay, updateEma } from "../../training/ema";
import { diffusionTime, perturb, poseRegressionGradients, scoreMatchingLoss } from "../../training/losses";
import { adamStep, clipFactor, globalNorm } from "../../training/optimizer";
import { genPoseLearningRate } from "../../training/schedule";
import { flatten, matrix3Of, rowsOf, vector3Of } from "./flatten";
import type { ParityCase, ParityComparison, ParityRunner } from "./types";

const compare = (quantity: string, ours: ArrayLike<number>, reference: unknown): ParityComparison => ({
  quantity,
  ours,
  reference: flatten(reference),
});

/** The toy score of the file, (x A)/(σ + 10⁻⁷), goes through our times, noised poses and loss. */
function scoreMatching({ inputs, outputs }: ParityCase): ParityComparison[] {
  const t = flatten(inputs.u).map((u) => diffusionTime(u, Number(inputs.eps)));
  const noise = flatten(inputs.z);
  const draws = perturb(flatten(inputs.gt_pose), t, noise, (time) => vesde.sigma(time));
  const dimension = noise.length / t.length;
  const loss = tf.tidy(() => {
    const product = tf.matMul(
      tf.tensor2d(draws.noised, [t.length, dimension]),
      tf.tensor2d(flatten(inputs.A), [dimension, dimension]),
    );
    const scale = Array.from(draws.deviation, (sigma) => sigma / (sigma + 1e-7));
    return scoreMatchingLoss(tf.mul(product, tf.tensor2d(scale, [t.length, 1])), noise).dataSync();
  });
  return [
    compare("t", draws.t, outputs.t),
    compare("perturbed", draws.noised, outputs.perturbed),
    compare("loss", loss, outputs.loss),
  ];
}

function regression({ inputs, outputs }: ParityCase): ParityComparison[] {
  const output = flatten(inputs.head_output);
  const rotations = rowsOf(inputs.R_gt).map(matrix3Of);
  const translations = rowsOf(inputs.t_gt).map(vector3Of);
  const truth = rotations.flatMap((rotation, i) => [...rotation6dOf(rotation), ...translations[i]]);
  const symmetric = rowsOf(inputs.symmetric_y).map(Number);
  const found = poseRegressionGradients(output, truth, symmetric);
  const row = (i: number): number[] => output.slice(9 * i, 9 * i + 9);
  const mapped = rotations.map((_, i) => {
    const [a, b, c, d, e, f] = row(i);
    return rotationFrom6d([a, b, c, d, e, f]);
  });
  const squared = translations.map((_, i) => {
    const alone = poseRegressionGradients(row(i), truth.slice(9 * i, 9 * i + 9), [symmetric[i]]);
    return alone.translation;
  });
  return [
    compare("R", mapped.flat(), outputs.R),
    compare("l_rot", found.rotationOf, outputs.l_rot),
    compare("l_trans", squared, outputs.l_trans),
    compare("loss_mean", [found.rotation + found.translation], outputs.loss_mean),
    compare(
      "grad_head_output",
      found.rotationGradient.map((g, k) => g + found.translationGradient[k]),
      outputs.grad_head_output,
    ),
  ];
}

/** The file holds three kinds of cases; the outputs tell which. */
const scheduleEmaAdam: ParityRunner = (parityCase) => {
  if ("shadow" in parityCase.outputs) return movingAverage(parityCase);
  return "norm_before" in parityCase.outputs ? adamWithClipping(parityCase) : schedule(parityCase);
};

function schedule({ inputs, outputs }: ParityCase): ParityComparison[] {
  const stepsPerEpoch = Number(inputs.steps_per_epoch);
  const rate = (step: number): number =>
    genPoseLearningRate(step, {
      base: Number(inputs.base_lr),
      warmupSteps: Number(inputs.warmup),
      decay: Number(inputs.lr_decay),
      stepsPerEpoch,
    });
  const epochs = flatten(outputs.lr_at_epoch_start).map((_, epoch) => rate(epoch * stepsPerEpoch));
  return [
    compare(
      "lr_first_epoch",
      flatten(outputs.lr_first_epoch).map((_, step) => rate(step)),
      outputs.lr_first_epoch,
    ),
    compare("lr_at_epoch_start", epochs, outputs.lr_at_epoch_start),
    compare("lr_last", [rate(Number(inputs.epochs) * stepsPerEpoch - 1)], outputs.lr_last),
  ];
}

function movingAverage({ inputs, outputs }: ParityCase): ParityComparison[] {
  const [start, ...later] = rowsOf(inputs.params).map(flatten);
  const shadow = Float32Array.from(start);
  const shadows = later.flatMap((values, i) => {
    updateEma(shadow, values, emaDecay(i + 1, Number(inputs.decay)));
    return [...shadow];
  });
  return [compare("shadow", shadows, outputs.shadow)];
}

/**
 * Clipping and Adam, step by step.
 *
 * Some files were recorded from arrays that the reference changed in place: their `w0` is the end of the run and their
 * `grads` are the gradients after clipping. Such a file cannot give the first step's start or the norms before
 * clipping, so what it does determine is compared under a name that says so: steps 2 … n from the reference's first
 * row, and the norm after clipping. Files without that flaw are compared plainly.
 */
function adamWithClipping({ inputs, outputs }: ParityCase): ParityComparison[] {
  const clip = Number(inputs.clip);
  const gradients = rowsOf(inputs.grads).map(flatten);
  const trajectory = rowsOf(outputs.w).map(flatten);
  const start = flatten(inputs.w0);
  const [beta1, beta2] = flatten(inputs.betas);
  const startIsEnd = gradients.length > 1 && start.every((w, k) => w === trajectory[gradients.length - 1]?.[k]);
  const values = Float32Array.from(start);
  const [m, v] = [new Float32Array(values.length), new Float32Array(values.length)];
  const norms = gradients.map(globalNorm);
  const ours = gradients.map((gradient, i) => {
    const learningRate = Number(inputs.lr);
    const scale = clipFactor(norms[i], clip);
    adamStep({ values, gradient, m, v }, learningRate, i + 1, scale, { beta1, beta2, epsilon: Number(inputs.eps) });
    if (startIsEnd && i === 0) values.set(trajectory[0]);
    return [...values];
  });
  const before = flatten(outputs.norm_before);
  const alreadyClipped = norms.every((norm) => norm <= clip * (1 + 1e-5)) && before.some((norm) => norm > clip);
  return [
    alreadyClipped
      ? {
          quantity: "norm after clipping (recorded gradients are clipped)",
          ours: before.map((norm) => norm * clipFactor(norm, clip)),
          reference: norms,
        }
      : compare("norm_before", norms, before),
    startIsEnd
      ? compare("w from step 2 on (recorded w0 is the end)", ours.slice(1).flat(), trajectory.slice(1))
      : compare("w", ours.flat(), outputs.w),
  ];
}

function augmentation({ inputs, outputs }: ParityCase): ParityComparison[] {
  const rows = Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, rowsOf(value)]));
  const found: Record<string, number[]> = {};
  const note = (quantity: string, numbers: ArrayLike<number>): void => {
    found[quantity] = [...(found[quantity] ?? []), ...Array.from(numbers)];
  };
  rows.R.forEach((rotation, i) => {
    const round = flatten(rows.sym[i])[0] === 1;
    const cloud: PosedCloud = {
      points: Float32Array.from(flatten(rows.pc[i])),
      pose: { rotation: matrix3Of(rotation), translation: vector3Of(rows.t[i]) },
      size: vector3Of(rows.s[i]),
      category: "mug",
      handleVisible: !round,
    };
    // The model is a cloud in its own frame: the same stretching acts on it.
    const identity = { rotation: rotationOfAngles([0, 0, 0]), translation: [0, 0, 0] } as const;
    const model: PosedCloud = { ...cloud, points: Float32Array.from(flatten(rows.model[i])), pose: identity };
    const factors = vector3Of(rows.aug_bb[i]);
    const scaled = scaleCloud(cloud, factors);
    note("bb_pc", scaled.points);
    note("bb_s", scaled.size);
    note("bb_model", scaleCloud(model, factors).points);
    const [x, y, z] = vector3Of(rows.angles_deg_xyz[i]).map((angle) => (angle * Math.PI) / 180);
    const turn = rotationOfAngles([x, y, z]);
    const moved = moveCloud(cloud, vector3Of(rows.aug_rt_t[i]), turn);
    note("rot_matrix", turn);
    note("rt_pc", moved.points);
    note("rt_R", moved.pose.rotation);
    note("rt_t", moved.pose.translation);
    const [top, bottom] = [rows.u_up[i], rows.u_down[i]].map((u) => 0.8 + 0.4 * flatten(u)[0]);
    note("bc_pc", taperCloud(cloud, top, bottom).points);
    note("bc_s", publishedTaperedSize(model, top, bottom, flatten(rows.nocs_scale[i])[0]));
    note("pc_pc", spreadCloud(cloud, flatten(rows.pc_noise[i])).points);
  });
  return Object.entries(found)
    .filter(([quantity]) => quantity in outputs)
    .map(([quantity, numbers]) => compare(quantity, numbers, outputs[quantity]));
}

/** Extents of the tapered model as published: the metric height is used on coordinates in units of the NOCS cube. */
function publishedTaperedSize(model: PosedCloud, top: number, bottom: number, scale: number): number[] {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < model.points.length; i++) {
    const y = model.points[i - (i % 3) + 1];
    const factor = i % 3 === 1 ? 1 : taperFactor(y, model.size[1], top, bottom);
    low[i % 3] = Math.min(low[i % 3], factor * model.points[i]);
    high[i % 3] = Math.max(high[i % 3], factor * model.points[i]);
  }
  return high.map((value, k) => (value - low[k]) * scale);
}

/** Runners of this file by component name. */
export const trainingParity: Readonly<Record<string, ParityRunner>> = {
  score_matching_loss: scoreMatching,
  regression_losses: regression,
  training_schedule_ema_adam: scheduleEmaAdam,
  genpose_augmentation: augmentation,
};
