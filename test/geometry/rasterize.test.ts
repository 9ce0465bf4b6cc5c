import { BufferAttribute, BufferGeometry, DoubleSide, Ray, Vector3 } from "three";
import { MeshBVH } from "three-mesh-bvh";
import { describe, expect, it } from "vitest";
import { proceduralShape } from "../../src/datasets/procedural/shape";
import { randomView } from "../../src/datasets/procedural/view";
import { backProject, cropCamera, project } from "../../src/geometry/camera";
import { transformMesh } from "../../src/geometry/mesh";
import { rasterize } from "../../src/geometry/rasterize";
import { categories } from "../../src/geometry/symmetry";
import { identity3, normalize } from "../../src/geometry/vector";
import { Rng } from "../../src/random";

const identity = { rotation: identity3, translation: [0, 0, 0] as const };
const camera = { fx: 100, fy: 100, cx: 20, cy: 20, width: 41, height: 41 };

describe("rasterize", () => {
  it.each(categories)("sees of a %s what ray casting sees", (category) => {
    const rng = new Rng(3).split(category);
    const shape = proceduralShape(category, rng);
    const { camera: whole, pose } = randomView(shape.size, rng);
    const [u, v] = project(whole, pose.translation);
    const view = cropCamera(whole, { left: u - 110, top: v - 110, width: 72, height: 72, zoom: 72 / 220 });
    const raster = rasterize([{ mesh: shape.mesh, pose }], view);

    const moved = transformMesh(shape.mesh, pose);
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(Float32Array.from(moved.vertices), 3));
    geometry.setIndex(new BufferAttribute(Uint32Array.from(moved.triangles), 1));
    const tree = new MeshBVH(geometry);
    let [agree, differ, seen] = [0, 0, 0];
    for (let i = 0; i < raster.depth.length; i++) {
      const direction = normalize(backProject(view, i % view.width, Math.floor(i / view.width), 1));
      const hit = tree.raycastFirst(new Ray(new Vector3(0, 0, 0), new Vector3(...direction)), DoubleSide);
      const depth = hit ? hit.point.z : 0;
      if (depth > 0 || raster.depth[i]! > 0) seen++;
      // A pixel whose centre lies on an edge may fall on either side of it.
      if (Math.abs(depth - raster.depth[i]!) < 1e-5) agree++;
      else differ++;
    }
    expect(seen).toBeGreaterThan(200);
    expect(differ).toBeLessThanOrEqual(0.002 * (agree + differ));
  });

  it("keeps the nearest body, names its triangle and is perspective-correct on a tilted plane", () => {
    const triangle = (a: number[], b: number[], c: number[]) => ({
      vertices: Float64Array.from([...a, ...b, ...c]),
      triangles: Uint32Array.of(0, 1, 2),
    });
    // The plane z = 1 + x, large enough to fill the image.
    const tilted = triangle([-0.5, -9, 0.5], [3, 0, 4], [-0.5, 9, 0.5]);
    const near = triangle([-0.02, -0.02, 0.5], [0.02, -0.02, 0.5], [0, 0.04, 0.5]);
    const raster = rasterize(
      [
        { mesh: tilted, pose: identity },
        { mesh: near, pose: identity },
      ],
      camera,
    );
    const centre = 20 * 41 + 20;
    expect(raster.body[centre]).toBe(1);
    expect(raster.depth[centre]).toBeCloseTo(0.5, 6);
    const right = 20 * 41 + 30;
    // x = 0.1 z on this pixel, so z = 1 + 0.1 z.
    expect(raster.depth[right]).toBeCloseTo(1 / 0.9, 6);
    expect(raster.body[right]).toBe(0);
  });

  it("clips what crosses the near plane instead of dropping or mirroring it", () => {
    const floor = {
      vertices: Float64Array.from([-5, 0.1, -5, 5, 0.1, -5, 5, 0.1, 5, -5, 0.1, 5]),
      triangles: Uint32Array.of(0, 1, 2, 0, 2, 3),
    };
    const raster = rasterize([{ mesh: floor, pose: identity }], camera);
    // y = 0.1 = (v − 20)/100·z below the horizon, nothing above it.
    expect(raster.depth[40 * 41 + 7]).toBeCloseTo(0.5, 5);
    expect(raster.depth.subarray(0, 20 * 41).every((z) => z === 0)).toBe(true);
  });

  it("says what is wrong with a camera", () => {
    expect(() => rasterize([], { ...camera, width: 0 })).toThrow(/0 × 41; both must be positive whole numbers/);
    expect(() => rasterize([], { ...camera, fx: -1 })).toThrow(/focal lengths are -1/);
  });
});
