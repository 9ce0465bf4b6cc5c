/**
 * @file Parity of diffusions and samplers with GenPose, score_sde, SciPy, k-diffusion and paper A's equations.
 */
import { assertInput } from "../../check";
import { poseDimension } from "../../geometry/pose";
import { ddim } from "../../samplers/ddim";
import { logLikelihood } from "../../samplers/likelihood";
import { orthonormalizeColumns } from "../../samplers/poseProjection";
import { probabilityFlowOde } from "../../samplers/probabilityFlowOde";
import { type Rk45Solution, rk45 } from "../../samplers/rk45";
import { sampleDpm2 } from "../../samplers/sampleDpm2";
import { sampleDpmpp2m } from "../../samplers/sampleDpmpp2m";
import { sampleEuler } from "../../samplers/sampleEuler";
import { sampleHeun } from "../../samplers/sampleHeun";
import {
  constantScaling,
  exponentialScaling,
  linearScaling,
  noScaling,
  type ScoreScaling,
  type ScoreScalingOptions,
} from "../../samplers/scoreScaling";
import { EDM } from "../../sde/edm";
import { type GaussianMixture, gaussianMixture } from "../../sde/gaussianMixture";
import { exponentialSigmas, karrasSigmas, polyexponentialSigmas } from "../../sde/schedules";
import type { Score, Sde } from "../../sde/sde";
import { VESDE } from "../../sde/vesde";
import { SubVPSDE, VPSDE } from "../../sde/vpsde";
import { flatten, rowsOf } from "./flatten";
import type { ParityCase, ParityComparison, ParityRunner } from "./types";

type Inputs = ParityCase["inputs"];

/** Both sides of one output, if the case has it. */
function comparing(outputs: ParityCase["outputs"]): {
  compare: (quantity: string, ours: () => ArrayLike<number>, tolerance?: ParityComparison["tolerance"]) => void;
  comparisons: ParityComparison[];
} {
  const comparisons: ParityComparison[] = [];
  return {
    comparisons,
    compare: (quantity, ours, tolerance) => {
      if (outputs[quantity] === undefined) return;
      comparisons.push({
        quantity,
        ours: ours(),
        reference: flatten(outputs[quantity]),
        ...(tolerance && { tolerance }),
      });
    },
  };
}

const exactly = { abs: 0, rel: 0 };

/** The mixture of a case: mu, weights, s0. */
function mixtureOf(inputs: Inputs): GaussianMixture {
  const gmm = inputs.gmm as Record<string, unknown>;
  assertInput(typeof gmm === "object" && gmm !== null, "parity case: inputs.gmm is missing; it holds mu, weights, s0");
  const means = rowsOf(gmm.mu).map(flatten);
  return gaussianMixture({ means, weights: flatten(gmm.weights), deviation: Number(gmm.s0) });
}

/** The score as a network in single precision would give it. */
const inFloat32 =
  (score: Score): Score =>
  (x, t) =>
    Float32Array.from(score(Float64Array.from(x, Math.fround), Math.fround(t)));

const zerosLike = (x: readonly number[]): Float64Array => new Float64Array(x.length);

/** The diffusions by the prefix of the case's name; the VP ones in the published precision. */
const sdes: Record<string, () => Sde> = {
  genpose_ve: () => new VESDE(),
  genpose_vp: () => new VPSDE({ float32: true }),
  genpose_subvp: () => new SubVPSDE({ float32: true }),
  genpose_edm: () => new EDM(),
  score_sde_VESDE: () => new VESDE(),
};

const sdeVeVpEdm: ParityRunner = ({ name, inputs, outputs }) => {
  const [, make] = Object.entries(sdes).find(([prefix]) => name.startsWith(prefix)) ?? [];
  assertInput(make, `parity case ${name}: no such diffusion; known are ${Object.keys(sdes).join(", ")}`);
  const sde = make();
  // The reference holds times in single precision.
  const t = flatten(inputs.t).map(Math.fround);
  const { compare, comparisons } = comparing(outputs);
  compare("eps", () => [sde.eps], exactly);
  compare("T", () => [sde.T], exactly);
  compare("marginal_mean", () => rowsOf(inputs.x).flatMap((row, i) => flatten(row).map((x) => sde.mean(t[i]) * x)));
  compare("marginal_std", () => t.map((time) => sde.sigma(time)));
  compare("drift", () => (flatten(outputs.drift).length === 1 ? [sde.drift(t[0])] : t.map((time) => sde.drift(time))));
  compare("diffusion", () => t.map((time) => sde.diffusion(time)));
  if (sde instanceof VESDE) {
    const sigmas = sde.discreteSigmas(1000);
    compare("discrete_sigmas", () => flatten(inputs.index).map((i) => sigmas[i]));
  }
  compare("prior_logp", () => rowsOf(inputs.z).map((row) => sde.priorLogDensity(flatten(row))));
  return comparisons;
};

const pfOdeRk45: ParityRunner = ({ inputs, outputs }) => {
  const tolerances = { rtol: Number(inputs.rtol), atol: Number(inputs.atol) };
  const tEval = inputs.t_eval == null ? undefined : flatten(inputs.t_eval);
  let solution: Rk45Solution;
  if (inputs.lambda !== undefined) {
    const lambda = flatten(inputs.lambda);
    assertInput(
      inputs.rhs === "-lambda*y + sin(t)",
      `parity case: the right-hand side ${inputs.rhs} is not known; -lambda*y + sin(t) is`,
    );
    solution = rk45(
      (t, y) => y.map((value, i) => -lambda[i] * value + Math.sin(t)),
      [Number(inputs.t0), Number(inputs.t1)],
      flatten(inputs.y0),
      { ...tolerances, ...(tEval && { tEval }) },
    );
  } else {
    const { score } = mixtureOf(inputs);
    const sde = new VESDE({ eps: Number(inputs.eps) });
    solution = rk45(
      (t, x) => Float64Array.from(score(x, t), (s) => -0.5 * sde.diffusion(t) ** 2 * s),
      [Number(inputs.T), sde.eps],
      flatten(inputs.x0),
      { ...tolerances, ...(tEval && { tEval }) },
    );
  }
  const { compare, comparisons } = comparing(outputs);
  compare("nfev", () => [solution.nfe], exactly);
  compare("t_accepted", () => solution.t);
  compare("t", () => solution.t);
  compare("y", () => solution.y.flatMap((y) => Array.from(y)));
  compare("y_final", () => solution.final.y);
  return comparisons;
};

/** Pose vectors with orthonormal columns, at the place of their clouds: what GenPose hands out. */
function placed(x: Float64Array, centers: readonly number[]): Float64Array {
  const poses = x.slice();
  orthonormalizeColumns(poses);
  for (let k = 0; k * poseDimension < x.length; k++)
    for (let i = 0; i < 3; i++) poses[k * poseDimension + 6 + i] += centers[3 * k + i];
  return poses;
}

const genposeOdeSampler: ParityRunner = ({ inputs, outputs }) => {
  const centers = flatten(inputs.pts_center);
  const sampled = probabilityFlowOde(inFloat32(mixtureOf(inputs).score), flatten(inputs.z), {
    sde: new VESDE({ eps: Number(inputs.eps) }),
    t0: Number(inputs.T0),
    denoise: inputs.denoise === true && "published",
    trajectory: true,
    ...(inputs.num_steps != null && { steps: Number(inputs.num_steps) }),
    ...(inputs.init_x != null && { init: flatten(inputs.init_x) }),
  });
  const states = sampled.trajectory?.x ?? [];
  const { compare, comparisons } = comparing(outputs);
  // Rounding of a single-precision score may turn a step's acceptance: two attempted steps of six calls.
  compare("score_calls", () => [sampled.nfe], { abs: 12 });
  if (flatten(outputs.score_calls)[0] === sampled.nfe) compare("num_process", () => [states.length], exactly);
  compare("process_first", () => placed(states[0], centers));
  compare("process_last", () => placed(states[states.length - 1], centers));
  compare("pose", () => placed(sampled.x, centers));
  return comparisons;
};

const scalings: Record<string, (options: ScoreScalingOptions) => ScoreScaling> = {
  none: () => noScaling,
  linear: linearScaling,
  exponential: exponentialScaling,
  constant: constantScaling,
};

const ddimScoreScaling: ParityRunner = ({ inputs, outputs }) => {
  const range = { wMin: Number(inputs.w_min), wMax: Number(inputs.w_max) };
  const t = flatten(inputs.t);
  const { compare, comparisons } = comparing(outputs);
  for (const [schedule, make] of Object.entries(scalings)) compare(schedule, () => t.map(make(range)));
  if (inputs.gmm === undefined) return comparisons;
  const scaling = scalings[String(inputs.schedule)]?.(range);
  assertInput(scaling, `parity case: the schedule ${inputs.schedule} is not known`);
  const x0 = flatten(inputs.x0);
  const noises = inputs.noise == null ? [] : rowsOf(inputs.noise).map(flatten);
  const eta = Number(inputs.eta);
  let draw = 0;
  const { x, trajectory } = ddim(mixtureOf(inputs).score, zerosLike(x0), {
    init: x0,
    times: t,
    eta,
    scaling,
    form: "printed",
    trajectory: true,
    noise: () => noises[draw++] ?? [],
  });
  const first = rowsOf(outputs.first_states).length;
  compare("first_states", () => (trajectory?.x ?? []).slice(1, 1 + first).flatMap((state) => Array.from(state)));
  compare("final", () => x);
  return comparisons;
};

const sigmaSamplers = {
  sample_euler: sampleEuler,
  sample_heun: sampleHeun,
  sample_dpm_2: sampleDpm2,
  sample_dpmpp_2m: sampleDpmpp2m,
};

const kDiffusionSamplers: ParityRunner = ({ name, inputs, outputs }) => {
  const { compare, comparisons } = comparing(outputs);
  if (inputs.gmm === undefined) {
    const [n, range] = [Number(inputs.n), { sigmaMin: Number(inputs.sigma_min), sigmaMax: Number(inputs.sigma_max) }];
    compare("karras_rho7", () => karrasSigmas(n, { ...range, rho: 7 }));
    compare("exponential", () => exponentialSigmas(n, range));
    compare("polyexp_rho1", () => polyexponentialSigmas(n, { ...range, rho: 1 }));
    return comparisons;
  }
  // The longest name that fits: a case may be called sample_dpm_2 or sample_dpmpp_2m_karras.
  const known = Object.entries(sigmaSamplers).filter(([prefix]) => name.startsWith(prefix));
  const [, sampler] = known.sort(([a], [b]) => b.length - a.length)[0] ?? [];
  assertInput(sampler, `parity case ${name}: no such sampler; known are ${Object.keys(sigmaSamplers).join(", ")}`);
  const x0 = flatten(inputs.x0);
  const { x } = sampler(mixtureOf(inputs).score, zerosLike(x0), { init: x0, sigmas: flatten(inputs.sigmas) });
  compare("final", () => x);
  return comparisons;
};

const genposeOdeLikelihood: ParityRunner = ({ inputs, outputs }) => {
  const { z, bits } = logLikelihood(mixtureOf(inputs).score, flatten(inputs.x0), {
    sde: new VESDE({ eps: Number(inputs.eps) }),
    rtol: Number(inputs.rtol),
    atol: Number(inputs.atol),
    // The case gives the probe as it was used, without the prior's deviation.
    form: "right",
    probe: flatten(inputs.epsilon),
  });
  const { compare, comparisons } = comparing(outputs);
  compare("z", () => z);
  compare("log_likelihood_bits", () => bits);
  return comparisons;
};

/** Components of this file. */
export const samplersParity: Record<string, ParityRunner> = {
  sde_ve_vp_edm: sdeVeVpEdm,
  pf_ode_rk45: pfOdeRk45,
  genpose_ode_sampler: genposeOdeSampler,
  ddim_score_scaling: ddimScoreScaling,
  k_diffusion_samplers: kDiffusionSamplers,
  genpose_ode_likelihood: genposeOdeLikelihood,
};
