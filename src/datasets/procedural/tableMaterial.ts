/**
 * @file What lies under objects and how large it is: surfaces whose patterns have a size that is known from life (a tile,
 * a plank, a cutting mat), and flat things of one size everywhere (a sheet of A4). They are what tells metres in a photo.
 */
import type { Mesh } from "../../geometry/mesh";
import type { Vector3 } from "../../geometry/vector";
import type { Rng } from "../../random";
import { Solid } from "./solids";
import type { Material } from "./typicalMaterial";

/** Position within a period, 0 … 1. */
const phase = (x: number, period: number): number => x / period - Math.floor(x / period);

/** A pseudo-random number in [0, 1) of a cell of the plane. */
function ofCell(i: number, j: number): number {
  let h = Math.imul(i, 0x9e3779b1) ^ Math.imul(j, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return ((h ^ (h >>> 13)) >>> 0) / 2 ** 32;
}

const tinted = (rng: Rng, low: number, high: number, tint: Vector3 = [1, 1, 1]): Vector3 => {
  const value = rng.uniform(low, high);
  return [value * tint[0], value * tint[1], value * tint[2]];
};

const times = (color: Vector3, factor: number): Vector3 => [color[0] * factor, color[1] * factor, color[2] * factor];

/** How far a pattern may be off its usual size. */
const spread = 0.03;

/**
 * How much of [x − footprint/2, x + footprint/2] lies in the stripes [0, width) of a period: the stripe as a pixel of
 * that footprint sees it. A pattern finer than a pixel is seen as its mean, not as noise.
 */
function stripes(x: number, period: number, width: number, footprint: number): number {
  const covered = (at: number): number => {
    const n = Math.floor(at / period);
    return n * width + Math.min(width, at - n * period);
  };
  const f = Math.max(footprint, 1e-6);
  return (covered(x + f / 2) - covered(x - f / 2)) / f;
}

/** The share of a square grid's lines. */
const gridLines = (x: number, z: number, period: number, width: number, footprint: number): number =>
  1 - (1 - stripes(x, period, width, footprint)) * (1 - stripes(z, period, width, footprint));

const mix = (a: Vector3, b: Vector3, share: number): Vector3 => [
  a[0] + share * (b[0] - a[0]),
  a[1] + share * (b[1] - a[1]),
  a[2] + share * (b[2] - a[2]),
];

/** A surface in the plane of x and z. */
type Surface = (rng: Rng) => Material;

/** Boards 9 cm wide, each of its own tone, with dark joints and grain. */
const planks: Surface = (rng) => {
  const wood = tinted(rng, 0.45, 0.85, [1, rng.uniform(0.68, 0.82), rng.uniform(0.4, 0.6)]);
  const width = 0.09 * rng.normal(1, spread);
  const dark = times(wood, 0.35);
  return ([x, , z], _, footprint = 0) => {
    const board = Math.floor(x / width);
    const grain = footprint < 0.006 ? 0.06 * Math.sin(400 * x + 6 * Math.sin(9 * z + board)) : 0;
    const tone = 0.8 + 0.35 * ofCell(board, Math.floor(z / 0.9)) + grain;
    return mix(times(wood, tone), dark, stripes(x, width, 0.004, footprint));
  };
};

/** Tiles 10 cm square with light joints of 4 mm. */
const tiles: Surface = (rng) => {
  const tile = tinted(rng, 0.35, 0.9, [rng.uniform(0.7, 1), rng.uniform(0.7, 1), rng.uniform(0.7, 1)]);
  const joint = tinted(rng, 0.65, 0.95);
  const side = 0.1 * rng.normal(1, spread);
  return ([x, , z], _, footprint = 0) => {
    const own = times(tile, 0.92 + 0.12 * ofCell(Math.floor(x / side), Math.floor(z / side)));
    return mix(own, joint, gridLines(x, z, side, 0.004, footprint));
  };
};

/** Cloth with checks of 2.5 cm: white, a colour, and both woven together. */
const gingham: Surface = (rng) => {
  const high = rng.integer(3);
  const channel = (k: number): number => (k === high ? rng.uniform(0.6, 0.9) : rng.uniform(0.05, 0.35));
  const thread: Vector3 = [channel(0), channel(1), channel(2)];
  const side = 0.05 * rng.normal(1, spread);
  const white: Vector3 = [0.92, 0.92, 0.9];
  return ([x, , z], _, footprint = 0) =>
    mix(white, thread, (stripes(x, side, side / 2, footprint) + stripes(z, side, side / 2, footprint)) / 2);
};

/** A cutting mat: lines every centimetre, stronger ones every five. */
const cuttingMat: Surface = (rng) => {
  const mat = rng.chance(0.6) ? tinted(rng, 0.35, 0.55, [0.2, 1, 0.55]) : tinted(rng, 0.35, 0.6, [0.25, 0.5, 1]);
  const line: Vector3 = [0.85, 0.9, 0.75];
  const thin = mix(mat, line, 0.6);
  return ([x, , z], _, footprint = 0) =>
    mix(mix(mat, thin, gridLines(x, z, 0.01, 0.001, footprint)), line, gridLines(x, z, 0.05, 0.0025, footprint));
};

/** A marker board, as calibrated data sets stand on: black squares of 4 cm with cells of 8 mm, 1 cm apart. */
const markerBoard: Surface = () => {
  const [pitch, square, cell] = [0.05, 0.04, 0.008];
  const white: Vector3 = [0.93, 0.93, 0.93];
  const black: Vector3 = [0.06, 0.06, 0.06];
  return ([x, , z], _, footprint = 0) => {
    let dark = stripes(x, pitch, square, footprint) * stripes(z, pitch, square, footprint);
    const [i, j] = [Math.floor((phase(x, pitch) * pitch) / cell), Math.floor((phase(z, pitch) * pitch) / cell)];
    if (i > 0 && i < 4 && j > 0 && j < 4) {
      const on = ofCell(5 * Math.floor(x / pitch) + i, 5 * Math.floor(z / pitch) + j) < 0.5 ? 0 : 1;
      const sharp = Math.max(0, 1 - footprint / cell);
      dark *= 0.5 + sharp * (on - 0.5);
    }
    return mix(white, black, dark);
  };
};

/** A surface that tells nothing of its size. */
const plain: Surface = (rng) => {
  const color = tinted(rng, 0.15, 0.95, [rng.uniform(0.7, 1), rng.uniform(0.7, 1), rng.uniform(0.7, 1)]);
  return () => color;
};

const surfaces: readonly Surface[] = [planks, tiles, gingham, cuttingMat, markerBoard, plain];

/** The look of a table: one of six surfaces. Patterns depart from their usual size by 3 %. */
export const tableMaterial = (rng: Rng): Material => rng.pick(surfaces)(rng);

/** Something flat whose size everybody knows; its base lies in y = 0, its length along x. */
export interface FlatThing {
  mesh: Mesh;
  material: Material;
  /** Half of its longer side. */
  reach: number;
}

const slab = (length: number, thickness: number, width: number): Mesh =>
  new Solid().cuboid([length, thickness, width], { translation: [0, thickness / 2, 0] }).build();

/** A sheet of A4 with lines of text, 8 mm apart. */
function sheet(): FlatThing {
  const paper: Vector3 = [0.95, 0.95, 0.94];
  const ink: Vector3 = [0.35, 0.35, 0.38];
  const material: Material = ([x, , z], _, footprint = 0) => {
    if (Math.abs(z) > 0.085 || Math.abs(x) > 0.125) return paper;
    const word = ofCell(Math.floor(x / 0.008), Math.floor(z / 0.012)) < 0.85 ? 1 : 0;
    return mix(paper, ink, word * stripes(x, 0.008, 0.0032, footprint));
  };
  return { mesh: slab(0.297, 0.001, 0.21), material, reach: 0.15 };
}

/** A keyboard of 44 × 13 cm with keys 19 mm apart. */
function keyboard(rng: Rng): FlatThing {
  const dark = rng.chance(0.5);
  const body: Vector3 = dark ? [0.12, 0.12, 0.13] : [0.7, 0.7, 0.71];
  const key: Vector3 = dark ? [0.28, 0.28, 0.3] : [0.95, 0.95, 0.95];
  const material: Material = ([x, , z], normal, footprint = 0) =>
    Math.abs(normal[1]) > 0.9 ? mix(key, body, gridLines(x, z, 0.019, 0.004, footprint)) : body;
  return { mesh: slab(0.44, 0.02, 0.13), material, reach: 0.22 };
}

/** A phone of 15 × 7.3 cm. */
function phone(rng: Rng): FlatThing {
  const screen = tinted(rng, 0.05, 0.5, [rng.uniform(0.3, 1), rng.uniform(0.3, 1), 1]);
  const material: Material = ([x, , z], normal) =>
    normal[1] > 0.9 && Math.abs(x) < 0.068 && Math.abs(z) < 0.033 ? screen : [0.05, 0.05, 0.06];
  return { mesh: slab(0.15, 0.008, 0.073), material, reach: 0.075 };
}

/** A disc of 12 cm with a hole in its label. */
function disc(rng: Rng): FlatThing {
  const label = tinted(rng, 0.5, 0.95, [rng.uniform(0.4, 1), rng.uniform(0.4, 1), rng.uniform(0.4, 1)]);
  const mesh = new Solid()
    .lathe([
      [0, 0],
      [0.06, 0],
      [0.06, 0.0015],
      [0, 0.0015],
    ])
    .build();
  const material: Material = ([x, , z]) => {
    const r = Math.hypot(x, z);
    return r < 0.0075 ? [0.05, 0.05, 0.05] : r < 0.02 ? [0.8, 0.8, 0.85] : label;
  };
  return { mesh, material, reach: 0.06 };
}

const flatThings = [sheet, keyboard, phone, disc];

/** One of the things of known size. */
export const flatThing = (rng: Rng): FlatThing => rng.pick(flatThings)(rng);
