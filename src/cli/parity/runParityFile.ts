/**
 * @file Runs the cases of a parity file through the library and judges the numbers.
 */
import type { ParityComparison, ParityFile, ParityRunner } from "./types";

/** How a parity file came out. */
export interface ParityResult {
  component: string;
  status: "passed" | "failed" | "not implemented";
  passed: number;
  cases: number;
  /** Largest |ours − reference| of all quantities; infinite where a number is missing or only one side is NaN. */
  largestError: number;
  tolerance: string;
  /** One sentence per case that failed. */
  failures: readonly string[];
}

type Tolerance = Pick<ParityFile["tolerance"], "abs" | "rel" | "exact">;

/** |ours − reference|; 0 where both are NaN or the same infinity. */
function errorOf(ours: number | undefined, reference: number | undefined): number {
  if (ours === reference || (Number.isNaN(ours) && Number.isNaN(reference))) return 0;
  const error = Math.abs((ours ?? Number.NaN) - (reference ?? Number.NaN));
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}

/** The largest error of a quantity, and the first place where it exceeds abs + rel·|reference|. */
export function judge(
  { ours, reference, tolerance: own }: ParityComparison,
  tolerance: Tolerance,
): { largestError: number; failedAt: number | undefined } {
  const { abs = 0, rel = 0 } = own ?? (tolerance.exact ? {} : tolerance);
  const length = Math.max(ours.length, reference.length);
  let largestError = 0;
  let failedAt: number | undefined;
  for (let i = 0; i < length; i++) {
    const error = errorOf(ours[i], reference[i]);
    if (error > largestError) largestError = error;
    const allowed = error === 0 || (Number.isFinite(error) && error <= abs + rel * Math.abs(reference[i] as number));
    if (!allowed && failedAt === undefined) failedAt = i;
  }
  return { largestError, failedAt };
}

const describe = (tolerance: Tolerance): string => {
  if (tolerance.exact) return "exact";
  const parts = [
    tolerance.abs !== undefined && `abs ${tolerance.abs}`,
    tolerance.rel !== undefined && `rel ${tolerance.rel}`,
  ];
  return parts.filter((part) => part !== false).join(" ");
};

/** Run every case of `file`; without a runner the result says «not implemented». */
export function runParityFile(file: ParityFile, runner: ParityRunner | undefined): ParityResult {
  const result = { component: file.component, cases: file.cases.length, tolerance: describe(file.tolerance) };
  if (runner === undefined)
    return { ...result, status: "not implemented", passed: 0, largestError: Number.NaN, failures: [] };
  const failures: string[] = [];
  let largestError = 0;
  for (const parityCase of file.cases) {
    const complaints: string[] = [];
    try {
      const comparisons = runner(parityCase);
      if (comparisons.length === 0) complaints.push("nothing of it was compared");
      for (const comparison of comparisons) {
        const { largestError: error, failedAt } = judge(comparison, file.tolerance);
        largestError = Math.max(largestError, error);
        if (failedAt !== undefined) complaints.push(disagreement(comparison, failedAt));
      }
    } catch (error) {
      largestError = Number.POSITIVE_INFINITY;
      complaints.push((error as Error).message);
    }
    if (complaints.length > 0) failures.push(`${parityCase.name}: ${complaints.join("; ")}`);
  }
  const passed = file.cases.length - failures.length;
  return { ...result, status: failures.length === 0 ? "passed" : "failed", passed, largestError, failures };
}

function disagreement({ quantity, ours, reference }: ParityComparison, at: number): string {
  if (ours.length !== reference.length)
    return `${quantity} has ${ours.length} numbers, the reference ${reference.length}`;
  return `${quantity}[${at}] is ${ours[at]}, the reference ${reference[at]}`;
}
