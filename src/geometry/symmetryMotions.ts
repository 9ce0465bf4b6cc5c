/**
 * @file The motions that leave a scanned model as it is, as a list: BOP's discrete and continuous symmetries combined.
 */
import { assertInput } from "../check";
import type { ModelSymmetries } from "./modelSymmetries";
import { compose, type Pose } from "./pose";
import { rotationFromAxisAngle } from "./rotation";
import { apply, identity3, scale, subtract } from "./vector";

const identity: Pose = { rotation: identity3, translation: [0, 0, 0] };

/**
 * Every continuous symmetry in ⌈π/step⌉ turns after every discrete one, the identity first: x ↦ C·(D·x), where C turns
 * about an axis through `offset` (BOP'19; bop_toolkit's `get_symmetry_transformations`).
 *
 * @param step how far, in diameters, the farthest point may travel from one turn to the next; BOP takes 0.01 (315 turns)
 * @throws InputError unless step is in (0, 1]
 */
export function symmetryMotions({ discrete, continuous }: ModelSymmetries, step: number = 0.01): Pose[] {
  assertInput(step > 0 && step <= 1, `symmetryMotions: step is ${step}; give a share of the diameter in (0, 1]`);
  const count = Math.ceil(Math.PI / step);
  const turns = continuous.flatMap(({ axis, offset }) =>
    Array.from({ length: count }, (_, k): Pose => {
      const rotation = k === 0 ? identity3 : rotationFromAxisAngle(scale(axis, (2 * Math.PI * k) / count));
      return { rotation, translation: subtract(offset, apply(rotation, offset)) };
    }),
  );
  const fixed = [identity, ...discrete];
  return turns.length === 0 ? fixed : fixed.flatMap((motion) => turns.map((turn) => compose(turn, motion)));
}
