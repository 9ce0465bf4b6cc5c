import { expect, test } from "vitest";
import { proceduralSample } from "../../src/datasets/procedural/proceduralSample";
import { randomView, type ViewRange } from "../../src/datasets/procedural/view";
import { viewAngles } from "../../src/geometry/viewAngles";
import { Rng } from "../../src/random";

const elevations = (range: ViewRange): number[] =>
  Array.from(
    { length: 400 },
    (_, i) => viewAngles(randomView([0.1, 0.1, 0.1], new Rng(3).split(i), range).pose).elevationDeg,
  );

test("a tabletop is seen from 15–55° above, whatever the camera's roll and wherever in the image the object is", () => {
  const tabletop = elevations("tabletop");
  expect(Math.min(...tabletop)).toBeGreaterThan(15 - 1e-6);
  expect(Math.min(...tabletop)).toBeLessThan(16);
  expect(Math.max(...tabletop)).toBeLessThan(55 + 1e-6);
  expect(Math.max(...tabletop)).toBeGreaterThan(54);
});

test("wide views go from nearly level to nearly from above, and some objects lean", () => {
  const wide = elevations("wide");
  expect(Math.min(...wide)).toBeLessThan(12);
  expect(Math.max(...wide)).toBeGreaterThan(78);
  // Unless something leans, all would lie between 8 and 80°.
  expect(wide.filter((e) => e < 8 || e > 80).length).toBeGreaterThan(3);
});

test("a sample's views are as asked for", () => {
  for (let i = 0; i < 8; i++) {
    const [wide, tabletop] = (["wide", "tabletop"] as const).map((views) =>
      proceduralSample("test", i, { maps: false, views, category: "can" }),
    );
    expect(viewAngles(tabletop.pose).elevationDeg).toBeGreaterThan(15 - 1e-6);
    expect(viewAngles(tabletop.pose).elevationDeg).toBeLessThan(55 + 1e-6);
    expect(wide.pose).toEqual(proceduralSample("test", i, { maps: false, category: "can" }).pose);
    expect(tabletop.pose).not.toEqual(wide.pose);
  }
});
