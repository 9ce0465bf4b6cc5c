import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openBop } from "../../../src/datasets/bop";
import { Solid } from "../../../src/datasets/procedural/solids";
import { renderTemplate } from "../../../src/datasets/renderTemplate";
import { type Mesh, transformMesh } from "../../../src/geometry/mesh";
import { addSurfaceColor } from "../../../src/geometry/surfaceColor";
import { identity3 } from "../../../src/geometry/vector";
import { lookAtRotation } from "../../../src/geometry/viewpoint";
import { modelToy } from "../../../src/papers/templates/modelToy";
import { renderedModels } from "../../../src/papers/templates/renderedModels";
import { toyPicture } from "../../../src/papers/templates/toyView";
import { viewBatches } from "../../../src/papers/templates/viewBatch";
import { writeBop } from "../../datasets/written/bop";

const root = mkdtempSync(join(tmpdir(), "posediff-models-"));
afterAll(() => rmSync(root, { recursive: true }));

/** A cuboid in one loud colour whose origin is 2 cm beside and 1 cm below its middle. */
const solid = new Solid().cuboid([0.05, 0.08, 0.1]).build();
const shifted = transformMesh(solid, { rotation: identity3, translation: [0.02, 0, 0.01] });
const colors = Uint8Array.from({ length: shifted.vertices.length }, (_, i) => [255, 0, 255][i % 3]);
const model: Mesh = { ...shifted, colors };

const size = 64;
const loud = (rgb: Uint8Array, i: number): boolean => rgb[3 * i] > 40 && rgb[3 * i + 1] < 0.5 * rgb[3 * i];

describe("a model as a toy", () => {
  test("stands on the table where its template is: origin, view and colours", () => {
    const toy = modelToy(model);
    const overlaps = Array.from({ length: 12 }, (_, index) => {
      const { picture, direction } = toyPicture(toy, "test", index, { seed: 1, size });
      const { mask } = renderTemplate(model, lookAtRotation(direction), { size, ...toy.render });
      let [both, either] = [0, 0];
      mask.forEach((inside, i) => {
        const seen = loud(picture, i);
        if (seen && inside) both++;
        if (seen || inside) either++;
      });
      return both / either;
    }).sort((a, b) => a - b);
    // Things before the object and neighbours of its colour spoil some; a centre taken for the origin would spoil all.
    expect(overlaps[6]).toBeGreaterThan(0.85);
  });

  test("batches are of the models in turn, with templates of the meshes themselves", () => {
    const options = { seed: 2, batchSize: 2, viewsPerObject: 1, visits: 1, size, grid: 8, models: [model, solid] };
    const { templates } = viewBatches(options)(0);
    expect(templates).toEqual(viewBatches(options)(0).templates);
    const of = (row: number): Uint8Array => templates.subarray(row * size * size * 3, (row + 1) * size * size * 3);
    const [first, second] = [0, 1].map((row) => of(row).filter((_, i) => i % 3 === 1 && of(row)[i] > 0).length);
    expect(first).toBe(0); // no green in the loud one
    expect(second).toBeGreaterThan(100); // the other has no colours: grey
    expect(() => viewBatches({ ...options, models: [] })).toThrow("there are no models; give at least one");
  });
});

test("a surface's colour is its vertices' between them, grey without", () => {
  const triangle: Mesh = {
    vertices: Float64Array.from([0, 0, 0, 1, 0, 0, 0, 1, 0]),
    triangles: Uint32Array.from([0, 1, 2]),
    colors: Uint8Array.from([90, 0, 0, 0, 90, 0, 0, 0, 90]),
  };
  const colorAt = (mesh: Mesh, x: number, y: number): number[] => {
    const sum = [0, 0, 0];
    addSurfaceColor(mesh, 0, x, y, 0, 0.5, sum);
    return sum;
  };
  expect(colorAt(triangle, 1, 0)).toEqual([0, 45, 0]);
  colorAt(triangle, 1 / 3, 1 / 3).forEach((value) => {
    expect(value).toBeCloseTo(15, 9);
  });
  expect(colorAt({ ...triangle, colors: undefined }, 0.2, 0.2)).toEqual([80, 80, 80]);
});

test("models are those of the objects asked for, and others are told of", async () => {
  await writeBop(root);
  const dataset = openBop(root, { split: "test_primesense" });
  expect((await renderedModels(dataset, "all")).meshes).toHaveLength(2);
  const { meshes, source } = await renderedModels(dataset, "one", [19]);
  expect([meshes.length, source]).toEqual([1, "one"]);
  await expect(renderedModels(dataset, "none", [4])).rejects.toThrow("no model of object 4; choose from 3, 19");
});
