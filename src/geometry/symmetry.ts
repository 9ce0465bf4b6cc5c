/**
 * @file The six categories of the NOCS benchmarks and their symmetry.
 */

/** NOCS categories; class id = index + 1 (0 is the background). */
export const categories = ["bottle", "bowl", "camera", "can", "laptop", "mug"] as const;

export type Category = (typeof categories)[number];

/** Whether the text names one of the six categories. */
export const isCategory = (name: string): name is Category => (categories as readonly string[]).includes(name);

/**
 * Whether only the y axis of the object counts: bottle, bowl and can always; the mug when its handle is hidden.
 * (The training loss of paper A, section S.1, treats bottle, bowl and can this way; the NOCS metric the mug too.)
 */
export const symmetricAboutY = (category: Category, handleVisible: boolean = true): boolean =>
  category === "bottle" || category === "bowl" || category === "can" || (category === "mug" && !handleVisible);
