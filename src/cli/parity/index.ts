/**
 * @file All components that the library can be compared in, by name.
 */
import { bopParity } from "./bop";
import { filesParity } from "./files";
import { geometryParity } from "./geometry";
import { hypothesesParity } from "./hypotheses";
import { metricsParity } from "./metrics";
import { modelParity } from "./models";
import { omni6dParity } from "./omni6d";
import { predictorCorrectorParity } from "./predictorCorrector";
import { rankingParity } from "./ranking";
import { rgbParity } from "./rgb";
import { samplersParity } from "./samplers";
import { templateMatchingParity } from "./templateMatching";
import { templateViewsParity } from "./templateViews";
import { trackingParity } from "./tracking";
import { trainingParity } from "./training";
import type { ParityRunner } from "./types";

/** Runner by component name. */
export const parityRunners: Readonly<Record<string, ParityRunner>> = {
  ...filesParity,
  ...geometryParity,
  ...modelParity,
  ...samplersParity,
  ...rankingParity,
  ...predictorCorrectorParity,
  ...metricsParity,
  ...omni6dParity,
  ...hypothesesParity,
  ...trackingParity,
  ...trainingParity,
  ...rgbParity,
  ...templateMatchingParity,
  ...templateViewsParity,
  ...bopParity,
};
