/**
 * @file Where paper A's claims about accuracy are asked once more.
 */
import { detectedFrames } from "../experiments/detectedFrames";
import type { Claim } from "./claim";

/** The paper tests on masks of a detector and a sensor that training did not show; the other measurements do not. */
export const onHardFrames: NonNullable<Claim["also"]> = {
  where: "on frames as hard as the paper's, with masks of a detector",
  experiment: detectedFrames,
};
