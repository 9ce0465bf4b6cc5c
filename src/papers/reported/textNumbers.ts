/**
 * @file Numbers that paper A prints outside of its tables: in the text, in captions, and those that a figure's text
 * states. Numbers that only repeat a table are not listed again. The curves themselves carry no printed numbers.
 */

/** A number in the text. */
export interface ReportedNumber {
  place: string;
  /** What it is of. */
  what: string;
  value: number;
  unit: string;
}

type Row = readonly [place: string, what: string, value: number, unit: string];

const rows: readonly Row[] = [
  // How training goes.
  ["section 5.1", "points of a cloud", 1024, "points"],
  ["section 5.1", "batch", 192, "clouds"],
  ["section 5.3", "speed-up of joint learning to full convergence", 1.5, "times"],
  ["section 5.3, Fig. 4b", "epochs of joint learning to the best 10°5cm of training from scratch", 100, "epochs"],
  ["Fig. 4", "evaluations behind each shaded region (min/max)", 3, "evaluations"],
  // What inference takes.
  ["section 5.3, Table 2", "share of the hypotheses that is kept (δ)", 60, "%"],
  ["section 5.3", "parameters with the ranking network", 4.4, "million"],
  ["section 5.3", "parameters without it", 2.2, "million"],
  ["section S.3, Fig. S4", "hypotheses of the baseline", 50, "hypotheses"],
  ["section S.3, Fig. S4", "of these, kept for the mean", 30, "hypotheses"],
  // Score scaling.
  ["eq. 9", "decay of the exponential schedule: exp(−5t)", 5, ""],
  ["section S.2.3", "w_min", 1, ""],
  ["section S.2.3, Fig. S2", "w_max, beyond which accuracy levels off", 4, ""],
  ["section S.2.1", "η of DDIM", 0, ""],
  ["Fig. 3", "starting noises of the trajectories", 50, "hypotheses"],
  ["Fig. S3", "poses of a rotation distribution", 50, "hypotheses"],
  ["section 5.6, Fig. 8", "rotation error at the end of a symmetric object's trajectory, about", 1, "degrees"],
  ["section 5.6, Fig. 8", "translation error at its end, about", 0.5, "cm"],
  // The networks.
  ["section S.1", "feature of the cloud", 1024, "numbers"],
  ["section S.1", "embedding of t", 128, "numbers"],
  ["section S.1", "embedding of the noisy pose", 256, "numbers"],
  ["section S.1", "input of the diffusion head", 1408, "numbers"],
  ["section S.1", "pose vector", 9, "numbers"],
  ["section S.1", "hidden layers of the regression head (1024 × 512 × 512 × 9)", 512, "numbers"],
  ["Fig. S6", "true poses of a boxed beverage", 2, "poses"],
  // Data.
  ["section 5.2", "REAL275, training", 4300, "images"],
  ["section 5.2", "REAL275, test", 2750, "images"],
  ["section 5.2", "CAMERA25, training", 275_000, "images"],
  ["section 5.2", "CAMERA25, test", 25_000, "images"],
  ["section 5.2", "NOCS", 6, "categories"],
  ["section 5.2", "HouseCat6D, training", 34, "scenes"],
  ["section 5.2", "HouseCat6D, training", 20_000, "images"],
  ["section 5.2", "HouseCat6D, test", 5, "scenes"],
  ["section 5.2", "HouseCat6D, test", 3000, "images"],
  ["section 5.2", "HouseCat6D, validation", 2, "scenes"],
  ["section 5.2", "HouseCat6D, validation", 1400, "images"],
  ["section 5.2", "HouseCat6D, in a training scene on average", 6, "objects"],
  ["section 5.2", "HouseCat6D, unseen in a test scene", 10, "objects"],
  ["section 5.2", "SOPE", 475_000, "images"],
  ["section 5.2", "SOPE", 5_000_000, "annotations"],
  ["section 5.2", "SOPE", 4162, "instances"],
  ["section 5.2", "SOPE and ROPE", 149, "categories"],
  ["section 5.2", "ROPE", 332_000, "images"],
  ["section 5.2", "ROPE", 1_500_000, "annotations"],
  ["section 5.2", "ROPE", 581, "instances"],
];

/** All of them, in the order of what they are about. */
export const reportedNumbers: readonly ReportedNumber[] = rows.map(([place, what, value, unit]) => ({
  place,
  what,
  value,
  unit,
}));
