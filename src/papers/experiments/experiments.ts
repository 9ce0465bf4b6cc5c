/**
 * @file All experiments, in the order in which a reader meets them.
 */
import { aggregation } from "./aggregation";
import { agreement } from "./agreement";
import { crossCategory } from "./crossCategory";
import { crossCategoryStretched } from "./crossCategoryStretched";
import { crossCategoryTabletop } from "./crossCategoryTabletop";
import { detectedFrames } from "./detectedFrames";
import { detectorMasks } from "./detectorMasks";
import { discreteModes } from "./discreteModes";
import type { Experiment } from "./experiment";
import { frozenFeature } from "./frozenFeature";
import { hardObjects } from "./hardObjects";
import { jointLearning } from "./jointLearning";
import { jointWeights } from "./jointWeights";
import { longJointLearning } from "./longJointLearning";
import { longPretraining } from "./longPretraining";
import { modeSeeking } from "./modeSeeking";
import { multiModal } from "./multiModal";
import { multiModalGrown } from "./multiModalGrown";
import { paperFormLearning } from "./paperFormLearning";
import { preconditioning } from "./preconditioning";
import { pretraining } from "./pretraining";
import { realAggregation } from "./realAggregation";
import { realDiffusion } from "./realDiffusion";
import { realTemplates } from "./realTemplates";
import { rgbBandwidths } from "./rgbBandwidths";
import { rgbHypotheses } from "./rgbHypotheses";
import { rgbMetricDepth } from "./rgbMetricDepth";
import { rgbRegressionExperiment } from "./rgbRegression";
import { rgbTracking } from "./rgbTracking";
import { rgbVariantsExperiment } from "./rgbVariants";
import { rotationLoss } from "./rotationLoss";
import { samplingSteps } from "./samplingSteps";
import { scalingWeight } from "./scalingWeight";
import { schedules } from "./schedules";
import { seenUnseen } from "./seenUnseen";
import { singleHypothesis } from "./singleHypothesis";
import { templateFeatures } from "./templateFeatures";
import { tracking } from "./tracking";
import { trajectories } from "./trajectories";

/** What `posediff experiment` knows. */
export const experiments: readonly Experiment[] = [
  pretraining,
  jointLearning,
  longJointLearning,
  jointWeights,
  paperFormLearning,
  longPretraining,
  rotationLoss,
  preconditioning,
  hardObjects,
  frozenFeature,
  samplingSteps,
  schedules,
  agreement,
  scalingWeight,
  trajectories,
  tracking,
  singleHypothesis,
  detectorMasks,
  detectedFrames,
  crossCategory,
  crossCategoryTabletop,
  crossCategoryStretched,
  discreteModes,
  multiModal,
  multiModalGrown,
  modeSeeking,
  rgbBandwidths,
  rgbHypotheses,
  rgbMetricDepth,
  rgbTracking,
  rgbVariantsExperiment,
  rgbRegressionExperiment,
  templateFeatures,
  realTemplates,
  realDiffusion,
  realAggregation,
  aggregation,
  seenUnseen,
];
