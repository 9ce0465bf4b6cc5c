/**
 * @file What objects of a category look like: colours that tell where on the object a point lies, as those of real
 * laptops, cameras and mugs do and random ones do not.
 */
import type { Vector3 } from "../../geometry/vector";
import type { Rng } from "../../random";
import type { Shape } from "./shape";

/**
 * Colour 0 … 1 of a point of a body with the outward or inward normal of its face, both in the body's frame. A pattern
 * may heed the footprint, the width in metres that a pixel covers there; a scanned surface the triangle.
 */
export type Material = (point: Vector3, normal: Vector3, footprint?: number, triangle?: number) => Vector3;

/** A grey of about that brightness, a little tinted. */
function grey(rng: Rng, low: number, high: number): Vector3 {
  const value = rng.uniform(low, high);
  return [value * rng.uniform(0.9, 1.1), value * rng.uniform(0.9, 1.1), value * rng.uniform(0.9, 1.1)];
}

/** Anything colourful: one channel high, one low. */
function vivid(rng: Rng): Vector3 {
  const high = rng.integer(3);
  const channel = (k: number): number => (k === high ? rng.uniform(0.7, 1) : rng.uniform(0.1, 0.5));
  return [channel(0), channel(1), channel(2)];
}

/** Case, black keys on the base, a lit screen within a dark frame on the lid. Hinge at −x (see `laptop`). */
function laptopMaterial([sx, sy, sz]: Vector3, rng: Rng): Material {
  const shell = grey(rng, 0.4, 0.9);
  const keys = grey(rng, 0.05, 0.2);
  const frame = grey(rng, 0.02, 0.12);
  const screen: Vector3 = [rng.uniform(0.1, 0.4), rng.uniform(0.3, 0.7), rng.uniform(0.7, 1)];
  const base = -sy / 2 + 0.032;
  const pitch = rng.uniform(0.014, 0.019);
  return ([x, y, z], normal) => {
    const across = Math.abs(z) / sz;
    if (y < base) {
      const onTop = Math.abs(normal[1]) > 0.9 && y > -sy / 2 + 0.004;
      const onKeys = x < 0.12 * sx && x > -0.32 * sx && across < 0.43;
      const gap = Math.abs((x / pitch) % 1) < 0.15 || Math.abs((z / pitch) % 1) < 0.15;
      return onTop && onKeys && !gap ? keys : shell;
    }
    // The screen looks at whoever types: of the lid's two faces the one turned to +x and up.
    if (normal[0] < 0.5 || across > 0.49) return shell;
    const up = (y - base) / (sy / 2 - base);
    return across < 0.45 && up > 0.08 && up < 0.94 ? screen : frame;
  };
}

/** Dark lens with a ring of another colour, metal top, leather, a display at the back. Lens along +x. */
function cameraMaterial([sx, sy, sz]: Vector3, rng: Rng): Material {
  const leather = grey(rng, 0.05, 0.35);
  const metal = grey(rng, 0.45, 0.95);
  const glass: Vector3 = [rng.uniform(0.1, 0.3), rng.uniform(0.05, 0.2), rng.uniform(0.3, 0.6)];
  const ring = vivid(rng);
  const display: Vector3 = [rng.uniform(0.05, 0.2), rng.uniform(0.2, 0.4), rng.uniform(0.3, 0.6)];
  return ([x, y, z], normal) => {
    const ahead = x / sx + 0.5;
    if (ahead > 0.55) {
      if (Math.abs(normal[0]) > 0.8) return glass;
      return ahead > 0.8 ? ring : leather;
    }
    if (ahead < 0.02 && Math.abs(z) < 0.3 * sz && Math.abs(y) < 0.3 * sy) return display;
    return y > 0.28 * sy ? metal : leather;
  };
}

/** Glaze of one colour outside, a light one inside, a print opposite the handle. Handle at +x. */
function mugMaterial([sx, sy, sz]: Vector3, rng: Rng): Material {
  const outside = vivid(rng);
  const inside = grey(rng, 0.75, 1);
  const print = grey(rng, 0.02, 0.25);
  const handle = rng.chance(0.5) ? outside : vivid(rng);
  // The box's centre lies beside the axis, by what the handle takes.
  const axis = sz / 2 - sx / 2;
  return ([x, y, z]) => {
    const [dx, radius] = [x - axis, Math.hypot(x - axis, z)];
    if (radius > 0.5 * sz) return handle;
    if (radius < 0.42 * sz && y > -0.4 * sy) return inside;
    return Math.abs(Math.atan2(z, -dx)) < 0.6 && Math.abs(y) < 0.3 * sy ? print : outside;
  };
}

/** Bands of height, each with a colour: cap, label, foot. */
function bandedMaterial([, sy]: Vector3, rng: Rng, bounds: readonly number[], colors: readonly Vector3[]): Material {
  const heights = bounds.map((bound) => bound + rng.uniform(-0.05, 0.05));
  return ([, y]) => {
    const band = heights.findIndex((height) => y / sy + 0.5 < height);
    return colors[band < 0 ? colors.length - 1 : band];
  };
}

/** The look of a shape; the colours are the instance's own, what they tell is the category's. */
export function typicalMaterial({ category, size }: Shape, rng: Rng): Material {
  if (category === "laptop") return laptopMaterial(size, rng);
  if (category === "camera") return cameraMaterial(size, rng);
  if (category === "mug") return mugMaterial(size, rng);
  const body = vivid(rng);
  if (category === "bottle")
    return bandedMaterial(size, rng, [0.3, 0.6, 0.88], [body, grey(rng, 0.7, 1), body, vivid(rng)]);
  if (category === "can")
    return bandedMaterial(size, rng, [0.1, 0.9], [grey(rng, 0.5, 0.8), body, grey(rng, 0.6, 0.9)]);
  return bandedMaterial(size, rng, [0.85], [body, grey(rng, 0.6, 1)]);
}
