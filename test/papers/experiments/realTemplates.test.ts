import { expect, test } from "vitest";
import { type Found, foundBy, halfScores, meanOf } from "../../../src/papers/experiments/realTemplateScores";
import { learnedPart, realTemplatesParts } from "../../../src/papers/experiments/realTemplates";
import { type ObjectTemplates, templateRotations } from "../../../src/papers/templates/templateStore";

const objects = [4, 9].map((objectId): ObjectTemplates => ({ objectId, layers: [], boxes: new Float32Array(0) }));
const rotations = templateRotations({});
const directionOf = (view: number): [number, number, number] => {
  const r = rotations[view];
  return [-r[6], -r[7], -r[8]];
};

/** Object 9 in picture `place`, seen from view 12; the template that is found is `best`. */
function query(place: number, best: number): Found {
  const similarities = meanOf([0, 1].map(() => new Float32Array(602).map((_, t) => (t === best ? 1 : 0.2))));
  const truth = { direction: directionOf(12), symmetric: false };
  return foundBy({ object: 9, place, visibleShare: 1, truth, maps: [] }, similarities, objects);
}

test("the best template's object and view are scored on both halves of the pictures", () => {
  const right = 301 + 12;
  expect([query(0, right).right, query(0, 12).right]).toEqual([true, false]);
  // Odd pictures right; even ones of another object, or seen from elsewhere.
  const found = [query(0, 12), query(1, right), query(2, 301 + 200), query(3, right)];
  const { odd, even, all, interval, evenInterval } = halfScores(found);
  expect([odd, even, all]).toEqual([100, 0, 50]);
  expect(interval[0]).toBeLessThan(50);
  expect(interval[1]).toBeGreaterThan(50);
  expect(evenInterval).toEqual([0, 0]);
});

test("every part has its name, the learned one among them", () => {
  const names = realTemplatesParts().map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain(learnedPart);
});
