/**
 * @file Numbers for a figure: few digits, so that a stored notebook stays small; NaN and ±∞ become gaps.
 */

/** `values` rounded to `digits` significant digits; null, which Plotly leaves out, for what is not finite. */
export function roundNumbers(values: ArrayLike<number>, digits: number = 4): (number | null)[] {
  const rounded: (number | null)[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    rounded.push(Number.isFinite(value) ? Number(value.toPrecision(digits)) : null);
  }
  return rounded;
}
