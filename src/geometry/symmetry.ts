/**
 * @file The categories and their symmetry.
 */
import type { Matrix3 } from "./vector";

/** NOCS categories; class id = index + 1 (0 is the background). */
export const categories = ["bottle", "bowl", "camera", "can", "laptop", "mug"] as const;

export type NocsCategory = (typeof categories)[number];

/**
 * What the embedded data can show: the six, and the boxed beverage of paper A's Fig. S6, whose front and back are alike.
 * The box is outside of `categories`: no sample, neighbour or checkpoint of the six knows it.
 */
export type Category = NocsCategory | "box";

/** Whether the text names one of the six categories. */
export const isCategory = (name: string): name is NocsCategory => (categories as readonly string[]).includes(name);

/**
 * Whether only the y axis of the object counts: bottle, bowl and can always; the mug when its handle is hidden.
 * (The training loss of paper A, section S.1, treats bottle, bowl and can this way; the NOCS metric the mug too.)
 */
export const symmetricAboutY = (category: Category, handleVisible: boolean = true): boolean =>
  category === "bottle" || category === "bowl" || category === "can" || (category === "mug" && !handleVisible);

/**
 * Which rotations of the object leave it as it is: none; all about its y axis; half a turn about y (NOCS calls phone,
 * eggbox and glue so).
 */
export type RotationSymmetry = "none" | "aboutY" | "halfTurnAboutY";

/** The symmetry of a category. */
export function symmetryOf(category: Category, handleVisible: boolean = true): RotationSymmetry {
  if (symmetricAboutY(category, handleVisible)) return "aboutY";
  return category === "box" ? "halfTurnAboutY" : "none";
}

/** A half turn about y: R·halfTurn is as true as R for an object of that symmetry. */
export const halfTurn: Matrix3 = [-1, 0, 0, 0, 1, 0, 0, 0, -1];
