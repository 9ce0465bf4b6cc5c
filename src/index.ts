/**
 * @file The only door: what notebooks and other programs import, in reading order.
 */

// Looking at it: figures as data, shown in a notebook.
export { inNotebook } from "./viz/display";
export type { Figure, Trace } from "./viz/figure";
export { type LiveFigure, liveFigure } from "./viz/liveFigure";
export { type MarkBoxOptions, markBox } from "./viz/markBox";
export { type MarkMeshOptions, markMesh } from "./viz/markMesh";
export { type MarkPointsOptions, markPoints } from "./viz/markPoints";
export { type MarkPosesOptions, markPoses } from "./viz/markPoses";
export { onInterrupt } from "./viz/onInterrupt";
export { type PoseSet, plotAxisAngles } from "./viz/plotAxisAngles";
export { type Curve, type PlotCurvesOptions, plotCurves } from "./viz/plotCurves";
export { type PlotDepthOptions, plotDepth } from "./viz/plotDepth";
export { type PlotHistogramOptions, plotHistogram, type SampleSet } from "./viz/plotHistogram";
export { type PlotImageOptions, plotImage } from "./viz/plotImage";
export { plotRotationAngles } from "./viz/plotRotationAngles";
export { type PlotSceneOptions, plotScene } from "./viz/plotScene";
export { type PlotSliderOptions, plotSlider } from "./viz/plotSlider";
export { type PlotTrajectoryOptions, plotTrajectory, type Snapshot } from "./viz/plotTrajectory";
export { type Progress, progress } from "./viz/progress";
export { show } from "./viz/show";
export { type ShowTableOptions, showFrame, showTable } from "./viz/showTable";
export { palette } from "./viz/template";

// In a walkthrough: the quick path and the ruler.
export { assertInput, type Closeness, checkClose, InputError } from "./check";
export { quick } from "./notebooks/quick";
