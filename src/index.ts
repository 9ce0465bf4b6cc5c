/**
 * @file The only door: what notebooks and other programs import, in reading order.
 */

// Chance, and the language of poses.
export { Rng } from "./random";
export type { Matrix3, Vector3 } from "./geometry/vector";
export { column, cross, dot, identity3, multiply, norm, normalize, transpose } from "./geometry/vector";
export {
  orthonormalize6d,
  quaternionWxyzOf,
  rotation6dOf,
  rotationFrom6d,
  rotationFromAxisAngle,
  rotationFromEuler,
  rotationFromQuaternionWxyz,
  rotationX,
  rotationY,
  rotationZ,
} from "./geometry/rotation";
export { exp as so3Exp, geodesicDistance, log as so3Log, randomRotation, slerp } from "./geometry/so3";
export { twistAngle } from "./geometry/twist";
export { rotationFromYawPitchRoll, yawPitchRollOf } from "./geometry/yawPitchRoll";
export { mollweide, mollweideInverse } from "./geometry/mollweide";
export { compose, invert, type Pose, poseFromVector, poseVector, transformPoint } from "./geometry/pose";
export { backProject, type Camera, camera25Camera, cropCamera, project, real275Camera } from "./geometry/camera";
export { type Category, categories, type NocsCategory, symmetricAboutY } from "./geometry/symmetry";
export { type ViewAngles, viewAngles } from "./geometry/viewAngles";
export { boxCorners, boxIou, type OrientedBox } from "./geometry/box";
export { type SiteFrame, siteOfTranslation, translationOfSite } from "./geometry/siteTranslation";
export { allocentricRotation, egocentricRotation, pixelRay, rayRotation } from "./geometry/allocentric";
export {
  type PoseSizeOptions,
  poseSizeDimension,
  poseSizeFromVector,
  poseSizeVector,
} from "./geometry/poseSizeVector";
export { type ObjectSymmetry, symmetryGroup } from "./geometry/symmetryGroup";
export { expectedAngle, nearestRotation, so3Grid } from "./geometry/so3Grid";
export { healpixCentres } from "./geometry/healpix";
export { umeyama } from "./geometry/umeyama";
export { bopViewSphere, fibonacciSphere, icosphere } from "./geometry/icosphere";
export {
  inPlaneAngleDeg,
  lookAtPose,
  lookAtRotation,
  nearestDirection,
  templateDirections,
  turnedInPlane,
  type ViewSet,
  viewDirection,
  withoutInPlane,
} from "./geometry/viewpoint";
export { extentsOf, type Mesh, transformMesh } from "./geometry/mesh";
export { type Raster, rasterize } from "./geometry/rasterize";
export { ballQuery, centroid, farthestPointSample, samplePoints } from "./geometry/pointcloud";
export { cleanCloud } from "./geometry/cleanCloud";

// Objects seen by a camera: embedded, from the benchmarks, one's own.
export type { PosedSample, RenderedSample, Sample } from "./datasets/sample";
export { proceduralSample } from "./datasets/procedural/proceduralSample";
export {
  type ProceduralSequence,
  proceduralSequence,
  type SequenceOptions,
} from "./datasets/procedural/proceduralSequence";
export { type PhotoSample, proceduralPhoto } from "./datasets/procedural/proceduralPhoto";
export { type PhotoSequence, type PhotoSequenceOptions, photoSequence } from "./datasets/procedural/photoSequence";
export { proceduralShape, type Shape } from "./datasets/procedural/shape";
export { objectCloud } from "./datasets/objectCloud";
export { type ColorImage, cloudWindow, imageCrop, mapCrop, pointCells } from "./datasets/imageCrop";
export { boxOfMask, dynamicZoomIn, type PixelBox, zoomDraws } from "./datasets/crop";
export {
  type BoxSource,
  categoryId,
  categoryOfId,
  type DetectedBox,
  fixedBoxes,
  givenBox,
  trueBox,
} from "./datasets/boxSource";
export { type DepthGeometryOptions, depthGeometry, fixedGeometry, noGeometry } from "./datasets/depthGeometry";
export { type GeometryProvider, type MonocularGeometry, standardizeDepth } from "./datasets/monocularGeometry";
export { siteFrame, type ZoomedMaps, zoomMaps, zoomWindow } from "./datasets/zoomCrop";
export { sharedData } from "./datasets/sharedData";
export { type Photo, readPhoto } from "./formats/photo";
export { type IndexedFolder, type IndexedFrame, indexFrames } from "./datasets/frameIndex";
export { readNocsFrame } from "./datasets/nocs";
export { nocsLayout, nocsStream } from "./datasets/nocsStream";
export { maskRcnnSamples, readMaskRcnn } from "./datasets/maskRcnn";
export { readDeformnetLabels } from "./datasets/deformnetLabels";
export { readNocsResults } from "./datasets/nocsResults";
export { houseCatLayout, houseCatSamples, houseCatStream } from "./datasets/houseCat6d";
export { omni6dLayout, omni6dSamples, omni6dStream } from "./datasets/omni6d";
export { bopLayout } from "./datasets/bopLayout";
export { captureStream } from "./datasets/captureFolder";
export { checkDataset, type DatasetReport } from "./datasets/checkDataset";
export { type BopDataset, openBop, readBopFrame } from "./datasets/bop";
export { type BopSamplesOptions, bopImages, bopSamples } from "./datasets/bopSamples";
export { type BopTarget, readBopTargets } from "./datasets/bopTargets";
export { renderBop } from "./datasets/bopRender";
export { type MetricSquareOptions, metricSquare, warpSquare } from "./datasets/templateCrop";
export { maskGrid } from "./datasets/maskGrid";
export { loadMesh } from "./datasets/loadMesh";
export { type RenderTemplateOptions, renderTemplate, type TemplatePicture } from "./datasets/renderTemplate";
export { nocsSamples } from "./datasets/nocsSamples";
export { readCapture } from "./datasets/capture";
export { readCaptureSequence } from "./datasets/captureSequence";
export { readSegmentedCapture, type SegmentedCapture } from "./datasets/segmentedCapture";

// Diffusion: the SDE, its score, and ways back from noise.
export type { Score } from "./sde/sde";
export { VESDE, vesde } from "./sde/vesde";
export { type GaussianMixture, gaussianMixture } from "./sde/gaussianMixture";
export { timeGrid } from "./sde/schedules";
export { noiseSource, priorNoise } from "./samplers/priorNoise";
export { probabilityFlowOde } from "./samplers/probabilityFlowOde";
export { ddim } from "./samplers/ddim";
export { eulerMaruyama } from "./samplers/eulerMaruyama";
export { predictorCorrector } from "./samplers/predictorCorrector";
export { normalizeColumns, orthonormalizeColumns } from "./samplers/poseProjection";
export { logLikelihood } from "./samplers/likelihood";
export { sampleEuler } from "./samplers/sampleEuler";
export { sampleHeun } from "./samplers/sampleHeun";
export {
  constantScaling,
  exponentialScaling,
  linearScaling,
  noScaling,
  type ScoreScaling,
  scaleScore,
  scoreScalings,
} from "./samplers/scoreScaling";

// Networks, and how they learn.
export { type BackendReport, backendReport, ready, tf } from "./backend";
export { createParameters, type Parameters, parameterView, type Weights, weightsOf } from "./models/params";
export { linear, linearParameters } from "./models/layers";
export { encode } from "./models/pointNet2";
export { regress } from "./models/regressionHead";
export { scaledScore } from "./models/scoreNetwork";
export { classify } from "./models/classificationHead";
export { fold, foldingGrid } from "./models/foldingDecoder";
export { type ChamferOptions, chamferGradients, chamferLoss } from "./training/chamferLoss";
export { crossEntropyLoss } from "./training/crossEntropyLoss";
export { poseRegressionGradients } from "./training/poseRegressionLoss";
export { loadModel } from "./training/checkpoint";
export { scoreMatchingLoss } from "./training/scoreMatchingLoss";
export { fit } from "./training/fit";
export { createTrainingState, type TrainingState } from "./training/trainingState";
export {
  type JointLearningConfig,
  jointLearningParameters,
  jointLoss,
  type Phase,
  presetNamed,
  presets,
  withPretextHeads,
} from "./papers/jointLearning";
export { type PoseBatch, poseBatches } from "./papers/poseBatch";
export { cnnExtractor, imageCnn, smallImageCnn } from "./models/imageCnn";
export { type FeatureGrid, featuresOfPoints, type ImageFeatureExtractor } from "./models/imageFeatures";
export { type CocoDetectorOptions, cocoDetector } from "./models/cocoDetector";
export { type OnnxGeometryCard, onnxGeometry } from "./models/onnxGeometry";
export { type OnnxCard, onnxExtractor } from "./models/onnxExtractor";
export { encodeAxes, scaleNet, scaleNetLoss } from "./models/scaleNet";
export {
  type AggregationConfig,
  type AggregationKind,
  aggregate,
  aggregationKinds,
  aggregationParameters,
  stableDiffusionChannels,
} from "./models/aggregation";
export { type UNetBlock, type UNetConfig, unetConfig } from "./models/unet/unetConfig";
export { type UNetOptions, type UNetOutput, unet, unetFeatures, unetParameters } from "./models/unet/unet";
export { type UNetCost, unetCost } from "./models/unet/unetCost";
export { type AutoencoderConfig, encodeLatents, type LatentDistribution } from "./models/unet/autoencoder";
export { encodeText, type TextEncoderConfig } from "./models/unet/textEncoder";
export { type VisionTransformerOutput, visionTransformer } from "./models/vit/visionTransformer";
export {
  type MultiModalConfig,
  multiModalLoss,
  multiModalParameters,
  multiModalPresets,
  withoutImage,
} from "./papers/multiModal";
export { type MultiModalRun, startMultiModal, trainMultiModal, trainMultiModalModel } from "./papers/trainMultiModal";
export {
  reportedCamera25,
  reportedCrossCategory,
  reportedHouseCat6d,
  reportedHypotheses,
  reportedNumbers,
  reportedReal275,
  reportedRope,
  reportedScalings,
  reportedSingleFrame,
  reportedSteps,
  reportedTrainingTime,
} from "./papers/reported";
export {
  reportedMetricDepth,
  reportedRgbAggregations,
  reportedRgbHypotheses,
  reportedRgbMethods,
  reportedRgbNumbers,
  reportedRgbTracking,
} from "./papers/reportedRgb";
export { reportedLinemod, reportedOccluded, reportedParameters, reportedTless } from "./papers/reportedTemplates";
export { type ExperimentResult, readExperiment, storedExperiment } from "./papers/experiments/experiment";
export type { Measured } from "./papers/claims/claim";
export { type ClaimRow, claimsLedger } from "./papers/claims/claimsLedger";
export { showClaim } from "./papers/claims/showClaim";
export {
  defaultJointRun,
  type JointRun,
  type PhasedRun,
  startJoint,
  type TrainingPhase,
  trainJoint,
  trainPhases,
} from "./papers/trainJoint";
export { defaultEnergyRun, energyLoss, startEnergy, trainEnergy } from "./papers/energyTraining";
export { defaultRgbRun, type RgbRun, startRgb, trainRgb } from "./papers/trainRgb";
export { type RgbConfig, type RgbVariant, rgbParameters, rgbPresets, rgbVariant } from "./papers/rgbMeanShift";
export { accuracies, encodeTestClouds, testClouds, testErrors } from "./papers/testClouds";
export { type ArmCurves, armCurves, meanCurve, stepsToReach } from "./papers/experiments/learningCurve";
export { type PlotArmCurvesOptions, plotArmCurves, withoutFirst } from "./papers/experiments/plotArmCurves";
export { armRows } from "./papers/experiments/armRows";
export { jointLearningSteps } from "./papers/experiments/jointLearning";
export { longPretrainingSteps } from "./papers/experiments/longPretraining";
export { pretrainingSteps } from "./papers/experiments/pretraining";
export { type TrackingArm, type TrackingArms, trackingArms } from "./papers/experiments/tracking";
export type { HardObject } from "./papers/experiments/hardObjects";

// Other people's weights.
export { openStateDict, openWeightFile, type WeightFile } from "./formats/weightFile";
export { readTorchCheckpoint } from "./formats/torchCheckpoint";
export { type FindTorchTensor, fillFromTorch, weightsFromTorch } from "./models/torchWeights";
export { convertGenPose, readGenPose } from "./papers/genPose";
export {
  loadAutoencoder,
  loadStableDiffusion,
  loadTextEncoder,
  loadUNet,
  pictureTensor,
  type StableDiffusion,
} from "./papers/stableDiffusion";
export { loadVisionTransformer } from "./papers/visionTransformerFolder";
export { type OnnxTransformer, openOnnxTransformer } from "./papers/onnxTransformer";

// From a cloud to an answer, and how good it is.
export type { PoseSampler } from "./papers/finishedOde";
export {
  type Estimate,
  loadPoseEstimator,
  type PoseEstimator,
  poseOfRow,
} from "./papers/poseEstimator";
export {
  type BoxEstimate,
  loadMultiModalEstimator,
  type MultiModalEstimator,
  multiModalEstimator,
} from "./papers/multiModalEstimator";
export {
  embeddedRgbCheckpoint,
  loadRgbEstimator,
  type RgbEstimate,
  type RgbEstimateOptions,
  type RgbEstimator,
  rgbEstimator,
} from "./papers/rgbEstimator";
export type { PhotoView } from "./papers/rgbView";
export { photoErrors, type RgbMethodScores, rgbMethods, summarizeRgb } from "./papers/rgbEvaluation";
export { predictedMetricCloud } from "./papers/metricDepth";
export { meanPose } from "./estimation/meanPose";
export {
  type Aggregation,
  largestCluster,
  largestMode,
  meanOfAll,
  meanOfBest,
  meanOfRandom,
} from "./estimation/aggregation";
export { type MeanShiftOptions, type ModeSearch, meanShift } from "./estimation/meanShift";
export { type MeanShiftPlusPlusOptions, meanShiftPlusPlus } from "./estimation/meanShiftPlusPlus";
export type { Modes } from "./estimation/modes";
export { type BoxModes, boxMode, boxModes, type PoseModeOptions, poseMode, poseModes } from "./estimation/poseMode";
export {
  type BoxAggregation,
  type BoxEnergies,
  bestOfK,
  meanBox,
  meanOfBestBoxes,
  modeOfBoxes,
} from "./estimation/boxAggregation";
export { clusterPose } from "./estimation/clusterPose";
export { projectiveTranslation } from "./estimation/projectiveTranslation";
export { type TemplateSimilarityOptions, templateSimilarity } from "./estimation/templateSimilarity";
export { bestOf, type RankedPoses, rankPoses } from "./estimation/energyRanking";
export {
  embeddedUNetCheckpoint,
  loadPictureDiffusion,
  type PictureDiffusion,
  pictureDiffusion,
  untrainedPictureDiffusion,
} from "./papers/pictureDiffusion";
export { embeddedUNet, pictureDiffusionParameters } from "./papers/embeddedUNet";
export { featureStepName, featureSteps } from "./papers/experiments/templateFeatures";
export { aloneArm, type FoldScores, type LearnedScores } from "./papers/experiments/realFolds";
export type { LayerScores } from "./papers/experiments/realTemplates";
export type { SeenUnseenScore } from "./papers/experiments/seenUnseen";
export type { ToyMatchingScore } from "./papers/experiments/toyMatching";

// Template matching.
export { encodeTemplates, joinTemplates, type TemplateIndex, templateIndex } from "./models/templateIndex";
export { type FeatureBackbone, normalizedPictures, resizedMaps } from "./models/featureBackbone";
export { infoNceLoss, similarityMatrix } from "./training/infoNceLoss";
export { efficientNetPath } from "./papers/templates/backbonePath";
export { type BackboneOptions, efficientNetBackbone, openBackbone } from "./papers/templates/backbones";
export {
  aggregatedDescriptor,
  canonicalDescriptor,
  type Descriptor,
  frozenDescriptor,
} from "./papers/templates/descriptor";
export { type ObjectTemplates, objectTemplates, templateRotations } from "./papers/templates/templateStore";
export {
  poseOfMatch,
  type TemplateMatch,
  type TemplateMatcher,
  templateMatcher,
} from "./papers/templates/templateMatcher";
export {
  scoreTemplates,
  type TemplateQuery,
  type TemplateScores,
  templateCrops,
  templateQueries,
} from "./papers/templates/evaluateTemplates";
export { aggregationCheckpoint, type AggregationPreset, loadAggregation } from "./papers/templates/aggregationModel";
export {
  type CanonicalProjection,
  addPair,
  canonicalProjection,
  noPairs,
} from "./training/canonicalCorrelation";
export { bopPairs, canonicalPreset, fitCanonical, renderedPairs } from "./papers/templates/canonicalModel";
export {
  foundPoses,
  matchPose,
  type TemplateVsdRecall,
  templateVsdErrors,
  vsdRecallOf,
} from "./papers/templates/templatePoses";
export { aggregationPreset, startAggregation, trainAggregation } from "./papers/templates/trainAggregation";
export { templatePoseBackbone, trainTemplatePose } from "./papers/templates/templatePoseModel";
export { type ContrastiveRun, defaultContrastiveRun } from "./papers/templates/contrastivePairs";
export { viewBatches } from "./papers/templates/viewBatch";
export { embeddedRgbRanker, loadRgbRanker, type RgbRanker } from "./papers/rgbRanker";
export { embeddedRanker, loadRanker, type Ranker } from "./papers/ranker";
export { constantVelocity, noisyPose, poseNoise, sameAsBefore, trackingT0, warmStart } from "./estimation/tracking";
export {
  estimateFrames,
  poseTracker,
  strayed,
  type TrackedFrame,
  type TrackOptions,
  trackPoses,
} from "./papers/trackPoses";
export { frameError, type TrackingScore, trackingScore } from "./papers/trackingScore";
export {
  type AxisDistribution,
  axisDistribution,
  expectedUniformEntropy,
  normalizedEntropy,
} from "./metrics/axisDistribution";
export { type ModeShares, modeShares } from "./metrics/modeShares";
export { type CalibrateRotationOptions, calibrateRotation } from "./metrics/calibrateRotation";
export { type DetectionError, type Omni6dMetrics, omni6dError, omni6dMetrics } from "./metrics/omni6dMetrics";
export { type ApCurve, type ApCurves, apCurves } from "./metrics/apCurves";
export {
  type BoxAccuracy,
  type BoxError,
  type BoxTruth,
  boxAccuracy,
  boxAccuracyColumns,
  boxError,
} from "./metrics/boxError";
export { catreIou3d, type Iou3d, orientedIou3d, publishedNocsIou3d } from "./metrics/iou3d";
export { type SizePrior, scalePriorAnswer, sizePriors } from "./metrics/scalePrior";
export { type DetectedHypotheses, hypothesisMap } from "./metrics/hypothesisMap";
export {
  averagePrecision,
  interpolatedAveragePrecision,
  stepwiseAveragePrecision,
} from "./metrics/averagePrecision";
export { type NocsMap, nocsMap } from "./metrics/nocsMap";
export { aucBelow, aucIou, vus } from "./metrics/vus";
export {
  type BopAverageRecalls,
  type BopError,
  bopAverageRecalls,
  bopMeanPrecision,
  type ObjectErrors,
  vsdRecall,
} from "./metrics/bopScores";
export { averageDistance, averageNearestDistance, mspd, mssd, projectionError } from "./metrics/surfaceErrors";
export { type Vsd, type VsdOptions, vsd } from "./metrics/vsd";
export { symmetryMotions } from "./geometry/symmetryMotions";
export { nearestRows } from "./metrics/nearestRows";
export { acc15, type ViewMatch, type ViewScore, viewErrorDeg } from "./metrics/acc15";
export { accuracyAt, poseError, rotationErrorDeg, translationErrorCm } from "./metrics/poseError";
export {
  baselineMethods,
  cardMethods,
  errorsOf,
  meanOf,
  regressionHead,
  singleHypothesis,
  summarize,
} from "./papers/evaluation";

export { type PoseImage, poseImages } from "./papers/benchmarks/poseRows";
export { protocols } from "./papers/benchmarks/protocols";
export { readResults } from "./papers/benchmarks/resultFile";
export { type BopEstimate, readBopCsv } from "./papers/benchmarks/bopCsv";
export { bopErrors } from "./papers/benchmarks/bopErrors";
export { bopReport } from "./papers/benchmarks/bopResults";
export { type DatasetRun, evaluateDataset } from "./papers/benchmarks/evaluateDataset";
export { loadObjectPredictor, type ObjectPredictor } from "./papers/benchmarks/objectPredictor";
export type { Report, ReportTable } from "./papers/benchmarks/report";
// Looking at it: figures as data, shown in a notebook.
export { inNotebook } from "./viz/display";
export type { Figure, Trace } from "./viz/figure";
export { type LiveFigure, liveFigure } from "./viz/liveFigure";
export { type MarkBoxOptions, markBox } from "./viz/markBox";
export { type MarkMeshOptions, markMesh } from "./viz/markMesh";
export { type MarkPointsOptions, markPoints } from "./viz/markPoints";
export { type MarkPosesOptions, markPoses } from "./viz/markPoses";
export { onInterrupt } from "./viz/onInterrupt";
export { axisAngleDeg, type PoseSet, plotAxisAngles } from "./viz/plotAxisAngles";
export { type Curve, type PlotCurvesOptions, plotCurves } from "./viz/plotCurves";
export { type Band, type PlotBandsOptions, plotBands } from "./viz/plotBands";
export { type PlotDepthOptions, plotDepth } from "./viz/plotDepth";
export { type PlotHistogramOptions, plotHistogram, type SampleSet } from "./viz/plotHistogram";
export type { BoxSet } from "./viz/pixelBoxes";
export { type PlotImageOptions, plotImage } from "./viz/plotImage";
export { plotSample } from "./viz/plotSample";
export { type FeatureMap, featureColors } from "./viz/featureColors";
export { type PlotEmbeddingOptions, plotEmbedding } from "./viz/plotEmbedding";
export { type UmapOptions, umapEmbedding } from "./viz/umapEmbedding";
export { plotRotationAngles } from "./viz/plotRotationAngles";
export { type PlotRotationMapOptions, plotRotationMap } from "./viz/plotRotationMap";
export { type PlotSceneOptions, plotScene } from "./viz/plotScene";
export { type PlotSequenceOptions, plotSequence, type SequenceFrame } from "./viz/plotSequence";
export { type PlotSliderOptions, plotSlider } from "./viz/plotSlider";
export { type PlotTrajectoryOptions, plotTrajectory, type Snapshot } from "./viz/plotTrajectory";
export { type Progress, progress } from "./viz/progress";
export { show } from "./viz/show";
export { type ShowTableOptions, showFrame, showTable } from "./viz/showTable";
export { palette } from "./viz/template";

// In a walkthrough: the quick path and the ruler.
export { assertInput, checkClose, InputError } from "./check";
export { quick } from "./notebooks/quick";
