/** @file The losses of training, gathered: regression of the pose and denoising score matching. */
export { type DenoisingDraws, denoisingDraws, diffusionTime, perturb } from "./denoisingDraws";
export {
  type PoseRegressionGradients,
  type PoseRegressionLoss,
  type PoseRegressionOptions,
  poseRegressionGradients,
  poseRegressionLoss,
} from "./poseRegressionLoss";
export { scoreMatchingLoss } from "./scoreMatchingLoss";
