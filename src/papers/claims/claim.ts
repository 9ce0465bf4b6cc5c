/**
 * @file A claim of a paper, what would confirm it here, and what was found.
 */
import { assertInput } from "../../check";
import { meanOfNumbers } from "../../metrics/averages";
import type { Experiment, ExperimentResult } from "../experiments/experiment";
import { armOfPart } from "../experiments/seededPart";

/** A measured number: its mean and its spread over seeds (or noises), and which they are. */
export interface Measured {
  /** What was measured, as short as a table cell. */
  what: string;
  unit: string;
  mean: number;
  min: number;
  max: number;
  /** Numbers behind the mean; 1 has no spread. */
  count: number;
}

/** What the stored experiment says about the claim. */
export interface Finding {
  holds: boolean;
  ours: readonly Measured[];
}

/** A statement of the paper, and the threshold that decides, in words. */
export interface ClaimText {
  id: string;
  paper: string;
  statement: string;
  /** Where the paper makes it. */
  place: string;
  /** The numbers that it prints there. */
  reported: string;
  /** When it holds here; from the same constants that `judge` compares with, written down before the run. */
  criterion: string;
}

/** A claim and how it is decided. */
export interface Claim extends ClaimText {
  /** What measures it: `posediff experiment NAME`. */
  experiment: Experiment;
  /** The parts that decide it; default: all of the experiment's. */
  decisive?: readonly string[];
  /** Decide by a result that holds these. */
  judge: (result: ExperimentResult) => Finding;
  /** Where else it is asked by the same rule; told beside the verdict, which it does not change. */
  also?: { where: string; experiment: Experiment };
}

/** Mean and spread. @throws InputError unless there is a number and all are finite */
export function measured(what: string, unit: string, values: readonly number[]): Measured {
  assertInput(
    values.length > 0 && values.every((value) => Number.isFinite(value)),
    `measured: "${what}" has the values [${values.join(", ")}]; all must be numbers`,
  );
  return {
    what,
    unit,
    mean: meanOfNumbers(values),
    min: Math.min(...values),
    max: Math.max(...values),
    count: values.length,
  };
}

/** One part of a result. @throws InputError if it is not there */
export function partOf<Part>({ experiment, parts }: ExperimentResult, name: string): Part {
  assertInput(name in parts, `claims: the experiment ${experiment} has no part "${name}"`);
  return parts[name] as unknown as Part;
}

/** The parts "ARM, seed 0", "ARM, seed 1", … of an arm. @throws InputError if there is none */
export function seedsOf<Part>({ experiment, parts }: ExperimentResult, arm: string): Part[] {
  const found = Object.entries(parts).filter(([name]) => armOfPart(name) === arm && name !== arm);
  assertInput(found.length > 0, `claims: the experiment ${experiment} has no part "${arm}, seed …"`);
  return found.map(([, part]) => part as unknown as Part);
}

/** Columns of the accuracies that experiments store. */
export const accuracyColumn = { at5deg2cm: 0, at5deg5cm: 1, at10deg2cm: 2, at10deg5cm: 3 } as const;
