/**
 * @file All claims, paper by paper in the order of their numbers.
 */
import type { Claim } from "./claim";
import { generalizationClaims } from "./generalizationClaims";
import { hypothesisClaims } from "./hypothesisClaims";
import { multiModalClaims } from "./multiModalClaims";
import { rgbClaims } from "./rgbClaims";
import { rgbScaleClaims } from "./rgbScaleClaims";
import { samplingClaims } from "./samplingClaims";
import { templateClaims } from "./templateClaims";
import { trainingClaims } from "./trainingClaims";

const numberOf = ({ id }: Claim): number => Number(id.slice(1));

/** What `posediff claims` prints. */
export const claims: readonly Claim[] = [
  ...trainingClaims,
  ...samplingClaims,
  ...hypothesisClaims,
  ...generalizationClaims,
  ...multiModalClaims,
  ...rgbClaims,
  ...rgbScaleClaims,
  ...templateClaims,
].sort((a, b) => a.paper.localeCompare(b.paper) || numberOf(a) - numberOf(b));
