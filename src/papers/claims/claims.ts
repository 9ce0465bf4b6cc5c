/**
 * @file All claims, in the order of their numbers.
 */
import type { Claim } from "./claim";
import { generalizationClaims } from "./generalizationClaims";
import { hypothesisClaims } from "./hypothesisClaims";
import { multiModalClaims } from "./multiModalClaims";
import { samplingClaims } from "./samplingClaims";
import { trainingClaims } from "./trainingClaims";

const numberOf = ({ id }: Claim): number => Number(id.slice(1));

/** What `posediff claims` prints. */
export const claims: readonly Claim[] = [
  ...trainingClaims,
  ...samplingClaims,
  ...hypothesisClaims,
  ...generalizationClaims,
  ...multiModalClaims,
].sort((a, b) => numberOf(a) - numberOf(b));
