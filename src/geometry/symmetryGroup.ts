/**
 * @file The rotations that leave an object as it is, by the labels of Omni6DPose.
 */
import { assertInput } from "../check";
import { rotationX, rotationY, rotationZ } from "./rotation";
import { determinant, identity3, type Matrix3, multiply } from "./vector";

type Axis = "x" | "y" | "z";

/** Kinds of symmetry that have an axis. */
type AxialKind = "flip" | "square-pyramid" | "square-tube" | "cone" | "cylinder";

/**
 * What an object may be turned by unnoticed: nothing; half a turn about one axis (flip) or about each of the three (box);
 * quarter turns about an axis (square-pyramid), and also upside down (square-tube); any turn about an axis (cone), and
 * also upside down (cylinder); the 24 rotations of a cube; any rotation at all.
 */
export type ObjectSymmetry = "none" | "box" | "cube" | "any" | `${Axis}-${AxialKind}`;

const turnAbout: Readonly<Record<Axis, (angle: number) => Matrix3>> = { x: rotationX, y: rotationY, z: rotationZ };

/** Half turns about the axes, exact. */
const halfTurn: Readonly<Record<Axis, Matrix3>> = {
  x: [1, 0, 0, 0, -1, 0, 0, 0, -1],
  y: [-1, 0, 0, 0, 1, 0, 0, 0, -1],
  z: [-1, 0, 0, 0, -1, 0, 0, 0, 1],
};

/** A half turn that turns the axis upside down. */
const upsideDown: Readonly<Record<Axis, Matrix3>> = { x: halfTurn.y, y: halfTurn.x, z: halfTurn.x };

/** Kind and axis of an axial symmetry, or undefined. */
export function axisOfSymmetry(symmetry: ObjectSymmetry): { axis: Axis; kind: AxialKind } | undefined {
  const [, axis, kind] = /^([xyz])-(flip|square-pyramid|square-tube|cone|cylinder)$/.exec(symmetry) ?? [];
  return axis ? { axis: axis as Axis, kind: kind as AxialKind } : undefined;
}

/** The turns about an axis by multiples of 1/steps of a circle, from the identity on. */
const turns = (axis: Axis, steps: number): Matrix3[] =>
  Array.from({ length: steps }, (_, k) =>
    k === 0
      ? identity3
      : steps === 4
        ? rounded(turnAbout[axis]((k * Math.PI) / 2))
        : turnAbout[axis]((2 * Math.PI * k) / steps),
  );

/** Quarter turns without the rounding of their sines. */
const rounded = (r: Matrix3): Matrix3 => r.map((v) => Math.round(v) + 0) as unknown as Matrix3;

/** The signed permutation matrices of determinant 1. */
function cubeGroup(): Matrix3[] {
  const orders = [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 2, 1], [2, 1, 0], [1, 0, 2]]; // biome-ignore format: a list of permutations
  const group: Matrix3[] = [];
  for (const order of orders)
    for (let signs = 0; signs < 8; signs++) {
      const matrix = new Array<number>(9).fill(0);
      order.forEach((column, row) => {
        matrix[3 * row + column] = signs & (1 << row) ? -1 : 1;
      });
      const candidate = matrix as unknown as Matrix3;
      if (determinant(candidate) > 0) group.push(candidate);
    }
  return group;
}

/**
 * The group of `symmetry`, the identity first: 1 (none), 2 (flip), 4 (box, square-pyramid), 8 (square-tube), 24 (cube)
 * elements; continuous axes are cut into `steps` turns: `steps` (cone) or 2·`steps` (cylinder) elements.
 *
 * @throws InputError for "any", whose group is all of SO(3), for a label that is none, and unless steps is a positive
 *   integer
 */
export function symmetryGroup(symmetry: ObjectSymmetry, steps: number = 100): Matrix3[] {
  assertInput(symmetry !== "any", 'symmetryGroup: the group of "any" is all of SO(3) and has no list of elements');
  assertInput(Number.isInteger(steps) && steps > 0, `symmetryGroup: steps is ${steps}; pass a positive integer`);
  if (symmetry === "none") return [identity3];
  if (symmetry === "box") return [identity3, halfTurn.x, halfTurn.y, halfTurn.z];
  if (symmetry === "cube") return cubeGroup();
  const axial = axisOfSymmetry(symmetry);
  assertInput(
    axial,
    `symmetryGroup: ${symmetry} is no symmetry; pass none, box, cube or x-, y-, z- with flip, square-pyramid, square-tube, cone or cylinder`,
  );
  const { axis, kind } = axial;
  const half = (group: readonly Matrix3[]): Matrix3[] => [...group, ...group.map((g) => multiply(g, upsideDown[axis]))];
  switch (kind) {
    case "flip":
      return [identity3, halfTurn[axis]];
    case "square-pyramid":
      return turns(axis, 4);
    case "square-tube":
      return half(turns(axis, 4));
    case "cone":
      return turns(axis, steps);
    case "cylinder":
      return half(turns(axis, steps));
  }
}
