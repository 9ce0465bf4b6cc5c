import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { renderTemplate } from "../../../src/datasets/renderTemplate";
import { backProject } from "../../../src/geometry/camera";
import type { Mesh } from "../../../src/geometry/mesh";
import { dot } from "../../../src/geometry/vector";
import { viewDirection } from "../../../src/geometry/viewpoint";
import { halfTurnSymmetric, type ScoredQuery, scoreTemplates } from "../../../src/papers/templates/evaluateTemplates";
import { poseOfMatch, type TemplateMatcher, templateMatcher } from "../../../src/papers/templates/templateMatcher";
import { objectTemplates, templateRotations } from "../../../src/papers/templates/templateStore";
import { cellColors, cellSize as size } from "./cellColors";

const store = mkdtempSync(join(tmpdir(), "posediff-templates-"));
afterAll(() => rmSync(store, { recursive: true }));

/** A slanted tetrahedron with a colour at each corner: no two views are alike. */
const mesh = (color: number): Mesh => ({
  vertices: Float64Array.from([0.06, 0, 0.01, -0.03, 0.05, 0, -0.02, -0.06, -0.01, 0, 0, 0.08]),
  triangles: Uint32Array.from([0, 2, 1, 0, 1, 3, 1, 2, 3, 2, 0, 3]),
  colors: Uint8Array.from([255, 0, color, 0, 255, color, color, 0, 255, 255, color, 255]),
});

let described = 0;
const descriptor = cellColors((batch) => {
  described += batch;
});

const settings = { views: "half" as const };

async function matcherOf(): Promise<TemplateMatcher> {
  const objects = [];
  for (const [id, color] of [
    [3, 0],
    [7, 120],
  ])
    objects.push(await objectTemplates(id, mesh(color), descriptor, { ...settings, folder: store }));
  return templateMatcher(objects, settings);
}

describe("templates of two objects", () => {
  test("are built once and found again on disk", async () => {
    await matcherOf();
    expect(described).toBe(602);
    const matcher = await matcherOf();
    expect(described).toBe(602);
    expect(matcher.count).toBe(602);
    expect(readdirSync(join(store, "cells")).sort()).toEqual(["obj_000003.safetensors", "obj_000007.safetensors"]);
  });

  test("of another mesh are made anew, a damaged or foreign file is told of", async () => {
    const before = described;
    const folder = join(store, "changed");
    await objectTemplates(3, mesh(0), descriptor, { ...settings, folder });
    await objectTemplates(3, mesh(50), descriptor, { ...settings, folder });
    expect(described).toBe(before + 602);
    writeFileSync(join(folder, "cells", "obj_000003.safetensors"), "nonsense");
    await expect(objectTemplates(3, mesh(50), descriptor, { ...settings, folder })).rejects.toThrow("obj_000003");
  });

  test("a rendered view finds its own template, class and place", async () => {
    const matcher = await matcherOf();
    const rotations = templateRotations(settings);
    for (const view of [0, 17, 123, 300]) {
      const { rgb } = renderTemplate(mesh(120), rotations[view], { size });
      const [best, second] = matcher.match(await descriptor.describe(rgb, 1), { top: 2 });
      expect([best.objectId, best.view]).toEqual([7, view]);
      expect(best.similarity).toBeGreaterThan(second.similarity);
      expect(dot(best.direction, viewDirection({ rotation: rotations[view], translation: [0, 0, 1] }))).toBeCloseTo(
        1,
        9,
      );
    }
  });

  test("the pose of a match puts the template's box onto the query's", async () => {
    const matcher = await matcherOf();
    const rotations = templateRotations(settings);
    const { rgb } = renderTemplate(mesh(0), rotations[40], { size });
    const [match] = matcher.match(await descriptor.describe(rgb, 1));
    const camera = { fx: 600, fy: 600, cx: 320, cy: 240, width: 640, height: 480 };
    // The same picture, seen at half the size by a camera of 600 pixels focal length.
    const zoom = 600 / ((size * 0.8) / 0.2) / 2;
    const box = match.box.map((p, i) => (i % 2 === 0 ? 320 : 240) + (p - size / 2) * zoom) as [
      number,
      number,
      number,
      number,
    ];
    const { translation } = poseOfMatch(match, { box, camera }, descriptor);
    expect(translation[2]).toBeCloseTo(1.6, 6);
    expect(Math.abs(translation[0]) + Math.abs(translation[1])).toBeLessThan(1e-6);
    expect(backProject(camera, 320, 240, 1.6)[0]).toBe(0);
  });

  test("turned templates: 301 × 4", () => {
    const rotations = templateRotations({ views: "half", inPlaneSteps: 4 });
    expect(rotations.length).toBe(1204);
    expect(() => templateRotations({ inPlaneSteps: 0 })).toThrow("in-plane steps");
  });
});

test("scores by object and visibility, symmetric objects both ways", () => {
  const query = (
    objectId: number,
    visibleShare: number,
    direction: [number, number, number],
    symmetric = false,
  ): ScoredQuery => ({
    objectId,
    visibleShare,
    direction: [1, 0, 0],
    symmetric,
    matches: [{ objectId: 1, direction }],
  });
  const scores = scoreTemplates([
    query(1, 0.95, [1, 0, 0]),
    query(1, 0.2, [0, 1, 0]),
    query(2, 0.95, [1, 0, 0]),
    query(1, 0.5, [-1, 0, 0], true),
  ]);
  expect(scores.all.viewAndClass).toBe(0.5);
  expect(scores.objectMean).toBeCloseTo(1 / 3, 9);
  expect(scores.byVisibility.map(({ from, viewAndClass }) => [from, viewAndClass])).toEqual([
    [0.1, 0],
    [0.3, 1],
    [0.9, 0.5],
  ]);
});

test("half a turn about z among a model's symmetries", () => {
  const turn = { rotation: [-1, 0, 0, 0, -1, 0, 0, 0, 1] as const, translation: [0, 0, 0] as const };
  expect(halfTurnSymmetric({ discrete: [turn], continuous: [] })).toBe(true);
  expect(halfTurnSymmetric({ discrete: [], continuous: [{ axis: [1, 0, 0], offset: [0, 0, 0] }] })).toBe(false);
});
