/**
 * @file Checks at the doors of the library (errors as sentences) and `checkClose`, the notebooks' ruler.
 */

/** A sentence may quote a file, which may hold anything: no more of it is shown than this. */
const longestSentence = 900;

/** One line, without characters that steer a terminal; what is too long loses its middle, for the cure stands at the end. */
function oneLine(text: string): string {
  const cut = text.length > longestSentence ? `${text.slice(0, 500)} … ${text.slice(-300)}` : text;
  return cut.replace(/[\p{Cc}\u2028\u2029]/gu, "·");
}

/** An error made by bad input: one sentence that says where, what was expected, what was got and the cure. */
export class InputError extends Error {
  override name = "InputError";

  constructor(sentence: string) {
    super(oneLine(sentence));
  }
}

/** @throws InputError with `sentence` unless `condition` holds. */
export function assertInput(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new InputError(sentence);
}

/** What `make` gives, or undefined after `refused` was told why its input is refused; other errors go on. */
export function unlessRefused<T>(make: () => T, refused: (sentence: string) => void): T | undefined {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    refused(error.message);
    return undefined;
  }
}

/** @throws InputError unless `values` holds exactly `product(shape)` numbers. */
export function assertShape(where: string, values: ArrayLike<number>, shape: readonly number[]): void {
  const expected = shape.reduce((a, b) => a * b, 1);
  assertInput(
    values.length === expected,
    `${where}: expected ${shape.join(" × ")} = ${expected} numbers, got ${values.length}`,
  );
}

/** @throws InputError if one of `values` is NaN or infinite. */
export function assertFinite(where: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    // The sentence is made only where it is needed: these loops run over whole images.
    if (!Number.isFinite(values[i]))
      throw new InputError(`${where}: value ${i} is ${values[i]}; every value must be a finite number`);
  }
}

/** @throws InputError unless `rotation` (row-major, 9 numbers) is orthonormal with determinant 1 to within `tolerance`. */
export function assertRotation(where: string, rotation: ArrayLike<number>, tolerance: number = 1e-5): void {
  assertShape(where, rotation, [3, 3]);
  assertFinite(where, rotation);
  const r = (i: number, j: number): number => rotation[3 * i + j] as number;
  for (let i = 0; i < 3; i++)
    for (let j = i; j < 3; j++) {
      const dot = r(0, i) * r(0, j) + r(1, i) * r(1, j) + r(2, i) * r(2, j);
      // Here and below the sentence is made only where it is needed: an evaluation checks every pose.
      if (!(Math.abs(dot - (i === j ? 1 : 0)) <= tolerance))
        throw new InputError(
          `${where}: columns ${i} and ${j} of the rotation have the inner product ${dot}; orthonormalise it with rotationFrom6d`,
        );
    }
  const det =
    r(0, 0) * (r(1, 1) * r(2, 2) - r(1, 2) * r(2, 1)) -
    r(0, 1) * (r(1, 0) * r(2, 2) - r(1, 2) * r(2, 0)) +
    r(0, 2) * (r(1, 0) * r(2, 1) - r(1, 1) * r(2, 0));
  if (!(det > 0))
    throw new InputError(`${where}: the matrix is a reflection (determinant ${det.toFixed(3)}); flip one column`);
}

/**
 * Compare one's own numbers with a reference and print one line: exact, close or not, and the largest difference.
 *
 * @param tolerance largest |mine − reference| that still counts as close
 * @throws InputError if the lengths differ or the numbers are not close: a notebook cell that shows code fails when
 *   that code no longer equals the library's
 */
export function checkClose(
  name: string,
  mine: ArrayLike<number> | number,
  reference: ArrayLike<number> | number,
  tolerance: number = 1e-6,
): void {
  const a = typeof mine === "number" ? [mine] : mine;
  const b = typeof reference === "number" ? [reference] : reference;
  assertInput(a.length === b.length, `checkClose ${name}: got ${a.length} numbers, the reference has ${b.length}`);
  let maxDifference = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Object.is(a[i], b[i]) ? 0 : Math.abs((a[i] as number) - (b[i] as number));
    if (!(difference <= maxDifference)) maxDifference = difference;
  }
  const [exact, close] = [maxDifference === 0, maxDifference <= tolerance];
  console.log(
    `${close ? "✓" : "✗"} ${name.padEnd(28)} exact: ${String(exact).padEnd(5)}  approximate: ${String(close).padEnd(5)}  max difference: ${maxDifference.toExponential(2)}`,
  );
  assertInput(
    close,
    `checkClose ${name}: the largest difference ${maxDifference} exceeds the tolerance ${tolerance}; see the reference's source`,
  );
}
