/**
 * @file The network of template-pose (Nguyen et al., CVPR 2022), paper C's baseline: a residual network that is trained
 * whole, and two 1 × 1 convolutions to few channels.
 */
import type { Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { constant, normal } from "./initializers";
import { weight } from "./layers";
import { relu } from "./ops/relu";
import type { ParameterSpec, Weights } from "./params";
import { type ResNetConfig, resNet, resNetParameters } from "./resNet";

/** Sizes of the network. */
export interface TemplateNetworkConfig {
  /** Its last map is what is projected; `grid` of it is not read. */
  resNet: ResNetConfig;
  /** Between the two 1 × 1 convolutions. */
  hidden: number;
  /** Channels of the map (template-pose 16). */
  width: number;
}

/** Arrays: `backbone.*` (`resNetParameters`), `projector.0.weight` [1, 1, C, hidden], `projector.2.weight`, biases. */
export const templateNetworkParameters = ({ resNet: net, hidden, width }: TemplateNetworkConfig): ParameterSpec[] => {
  const channels = net.stages[net.stages.length - 1].width;
  const pointwise = (name: string, inputs: number, outputs: number): ParameterSpec[] => [
    { name: `${name}.weight`, shape: [1, 1, inputs, outputs], initial: normal(Math.sqrt(2 / inputs)) },
    { name: `${name}.bias`, shape: [outputs], initial: constant(0) },
  ];
  return [
    ...resNetParameters("backbone.", net),
    ...pointwise("projector.0", channels, hidden),
    ...pointwise("projector.2", hidden, width),
  ];
};

/**
 * The map of pictures, [B, g, g, width]; g is the side of the residual network's last map.
 *
 * @param x [B, S, S, 3], (rgb/255 − mean)/deviation
 * @throws InputError as `resNet`
 */
export function templateNetwork(weights: Weights, { resNet: net }: TemplateNetworkConfig, x: Tensor4D): Tensor4D {
  const { maps } = resNet(weights, "backbone.", net, x);
  const pointwise = (name: string, map: Tensor4D): Tensor4D =>
    tf.add(
      tf.conv2d(map, weight<Tensor4D>(weights, `${name}.weight`), 1, "same"),
      weight<Tensor1D>(weights, `${name}.bias`),
    );
  return pointwise("projector.2", relu(pointwise("projector.0", maps[maps.length - 1])));
}
