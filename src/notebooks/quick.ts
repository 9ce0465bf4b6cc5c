/**
 * @file The quick path of the walkthroughs.
 */

/**
 * Whether a walkthrough should take its quick path (POSEDIFF_QUICK=1, set by `posediff notebooks --quick` and by the
 * tests): fewer samples and steps, the same cells. `const steps = quick() ? 20 : 500;`
 */
export const quick = (): boolean => process.env.POSEDIFF_QUICK === "1";
