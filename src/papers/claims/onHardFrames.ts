/**
 * @file Where paper A's claims about accuracy are decided: on frames as hard as the paper's.
 */
import { detectedFrames } from "../experiments/detectedFrames";
import type { Experiment } from "../experiments/experiment";
import type { Claim } from "./claim";

/** How the criteria of such claims begin. */
export const hardFrames = "on frames as hard as the paper's, with masks of a detector:";

/**
 * The paper tests on masks of Mask R-CNN, a sensor and instances that training did not show (section 5.1, Table 2), so
 * such frames decide; those drawn like training's, which `own` measures, are told beside.
 */
export const onHardFrames = (own: Experiment): Pick<Claim, "experiment" | "also"> => ({
  experiment: detectedFrames,
  also: { where: "on frames drawn like those of training", experiment: own },
});
