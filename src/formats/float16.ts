/** The number of an IEEE binary16: 1 sign, 5 exponent, 10 fraction bits. Exact for every value. */
export function halfToNumber(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

const bitsOf = new DataView(new ArrayBuffer(4));

/**
 * The nearest IEEE binary16 of a number, ties to even; beyond 65,519 infinity. The error is at most 2⁻¹¹ of the number, or
 * 2⁻²⁵ where it is below 6.1e-5.
 */
export function numberToHalf(value: number): number {
  bitsOf.setFloat32(0, value);
  const bits = bitsOf.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  // Below 2⁻¹⁴ halves lie 2⁻²⁴ apart; rounding the scaled number to a whole one is rounding it to a half.
  if (magnitude < 0x38800000) {
    const units = Math.abs(value) * 2 ** 24;
    const floor = Math.floor(units);
    const rest = units - floor;
    return sign | (floor + (rest > 0.5 || (rest === 0.5 && (floor & 1) === 1) ? 1 : 0));
  }
  // Drop 13 bits of the fraction, to even; a carry moves on into the exponent, as it should.
  const kept = magnitude - 0x38000000;
  return sign | ((kept + 0xfff + ((kept >>> 13) & 1)) >>> 13);
}
