/**
 * @file Where the weights of the default backbone lie.
 */
import { join } from "node:path";

/** Where `posediff setup` puts EfficientNet-Lite0. */
export const efficientNetPath: string = join(
  __dirname,
  "..",
  "..",
  "..",
  ".native",
  "weights",
  "efficientnet-lite0-57934424.pth",
);
