import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mollweide, mollweideInverse } from "../../src/geometry/mollweide";
import { randomRotation } from "../../src/geometry/so3";
import { column } from "../../src/geometry/vector";
import { rotationFromYawPitchRoll, yawPitchRollOf } from "../../src/geometry/yawPitchRoll";
import { Rng } from "../../src/random";

const angle = (limit: number): fc.Arbitrary<number> => fc.double({ min: -limit, max: limit, noNaN: true });

describe("Mollweide's projection", () => {
  it("has its inverse everywhere, poles included", () => {
    fc.assert(
      fc.property(angle(Math.PI), angle(Math.PI / 2), (longitude, latitude) => {
        const [x, y] = mollweide(longitude, latitude);
        const [lon, lat] = mollweideInverse(x, y);
        const room = Math.PI / 2 - Math.abs(latitude);
        // y = √2 sin θ turns over at the poles: an error ε in y is one of √ε in θ there.
        const eps = room > 1e-3 ? 1e-9 : 1e-6;
        expect(Math.abs(lat - latitude)).toBeLessThan(eps);
        if (room > 1e-3) expect(Math.abs(lon - longitude)).toBeLessThan(1e-9);
      }),
    );
  });

  it("satisfies 2θ + sin 2θ = π sin φ and meets its known points", () => {
    for (let i = -90; i <= 90; i++) {
      const latitude = (i * Math.PI) / 180;
      const theta = Math.asin(mollweide(0, latitude)[1] / Math.SQRT2);
      expect(2 * theta + Math.sin(2 * theta)).toBeCloseTo(Math.PI * Math.sin(latitude), 12);
    }
    expect(mollweide(Math.PI, 0)[0]).toBeCloseTo(2 * Math.SQRT2, 14);
    expect(mollweide(1, Math.PI / 2)).toEqual([expect.closeTo(0, 14), expect.closeTo(Math.SQRT2, 14)]);
    expect(mollweide(0, 0)).toEqual([0, 0]);
  });

  it("keeps areas: the Jacobian is cos φ", () => {
    const h = 1e-5;
    for (const [lon, lat] of [
      [0.3, 0.2],
      [2.5, -1.1],
      [-3, 1.4],
    ]) {
      const [a, b] = [mollweide(lon + h, lat), mollweide(lon - h, lat)];
      const [c, d] = [mollweide(lon, lat + h), mollweide(lon, lat - h)];
      const jacobian = ((a[0] - b[0]) * (c[1] - d[1]) - (a[1] - b[1]) * (c[0] - d[0])) / (4 * h * h);
      expect(jacobian).toBeCloseTo(Math.cos(lat), 7);
    }
  });

  it("refuses degrees and points beside the map", () => {
    expect(() => mollweide(90, 0)).toThrow(/radians/);
    expect(() => mollweide(Number.NaN, 0)).toThrow(/radians/);
    expect(() => mollweideInverse(2.8, 1.4)).toThrow(/outside the map/);
  });
});

describe("yaw, pitch and roll", () => {
  it("give the rotation back, at ±90° too", () => {
    const rng = new Rng(3);
    const rotations = Array.from({ length: 200 }, () => randomRotation(rng));
    for (const pitch of [Math.PI / 2, -Math.PI / 2])
      rotations.push(rotationFromYawPitchRoll({ yaw: 1, pitch, roll: 2 }));
    for (const r of rotations)
      for (const [i, value] of rotationFromYawPitchRoll(yawPitchRollOf(r)).entries())
        expect(value).toBeCloseTo(r[i], 12);
  });

  it("are longitude and latitude of the z axis", () => {
    const [yaw, pitch] = [0.4, 0.9];
    const z = column(rotationFromYawPitchRoll({ yaw, pitch, roll: -2 }), 2);
    expect(z[1]).toBeCloseTo(Math.sin(pitch), 14);
    expect(Math.atan2(z[0], z[2])).toBeCloseTo(yaw, 14);
  });
});
