/**
 * @file Templates of objects on disk: feature maps as bytes, one file an object; built once, resumable, checked when
 * they are opened.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { assertInput, InputError } from "../../check";
import { maskGrid } from "../../datasets/maskGrid";
import { type RenderTemplateOptions, renderTemplate } from "../../datasets/renderTemplate";
import { halfToNumber, numberToHalf } from "../../formats/float16";
import { readSafetensors, writeSafetensors } from "../../formats/safetensors";
import type { Mesh } from "../../geometry/mesh";
import type { Matrix3 } from "../../geometry/vector";
import { lookAtRotation, templateDirections, turnedInPlane, type ViewSet } from "../../geometry/viewpoint";
import { encodeTemplates, joinTemplates, type TemplateCodes } from "../../models/templateIndex";
import { writeAtomically } from "../../training/checkpointFile";
import type { Descriptor } from "./descriptor";

/** Raised when templates of before would differ from those made now. */
const storeVersion = 2;

const defaults = { views: "half" as ViewSet, inPlaneSteps: 1, side: 0.2, distance: 0.8, ambient: 0.3 };

/** Which views, and how they are rendered. */
export interface TemplateSettings {
  /** Paper C: `half` for LINEMOD, `full` with 36 in-plane steps for T-LESS. */
  views?: ViewSet;
  /** Each view turned so many times by 360°/steps. */
  inPlaneSteps?: number;
  /**
   * Metres that a crop's side shows (paper C 0.2), and the camera's distance: 0.8, as far as it is in pictures of
   * LINEMOD, whose perspective it then has (paper C 0.4).
   */
  side?: number;
  distance?: number;
  ambient?: number;
  /** Behind the object, 0 … 1; default: black. */
  background?: RenderTemplateOptions["background"];
  /** How features are kept; default: bytes. The others are there to measure what bytes cost, and searched slowly. */
  precision?: TemplatePrecision;
}

/** Signed bytes, numbers rounded to IEEE half precision (kept in four bytes here), or as the backbone gives them. */
export type TemplatePrecision = "bytes" | "half" | "float";

/** All names of `TemplatePrecision`. */
export const templatePrecisions: readonly TemplatePrecision[] = ["bytes", "half", "float"];

/** Rotations of the templates: all directions upright, then all turned by the next step. */
export function templateRotations({ views = defaults.views, inPlaneSteps = 1 }: TemplateSettings): Matrix3[] {
  assertInput(
    Number.isInteger(inPlaneSteps) && inPlaneSteps >= 1 && inPlaneSteps <= 360,
    `templateRotations: got ${inPlaneSteps} in-plane steps; give a whole number from 1 to 360`,
  );
  const upright = templateDirections(views).map(lookAtRotation);
  return Array.from({ length: inPlaneSteps }, (_, step) =>
    upright.map((rotation) => (step === 0 ? rotation : turnedInPlane(rotation, (360 * step) / inPlaneSteps))),
  ).flat();
}

/** Templates of one object. */
export interface ObjectTemplates {
  objectId: number;
  /** One a layer of the descriptor. */
  layers: TemplateCodes[];
  /** Left, top, right, bottom of each template's mask, pixels of the crop (right and bottom beyond it); 4 a template. */
  boxes: Float32Array;
}

/** What decides a file's content; a file with another digest is made anew. */
function digestOf(mesh: Mesh, descriptor: Descriptor, settings: TemplateSettings): string {
  const hash = createHash("sha256").update(
    JSON.stringify([storeVersion, descriptor.name, { ...defaults, ...settings }]),
  );
  const { texture } = mesh;
  const painted = texture && [texture.corners, texture.pictureOf, ...texture.pictures.map(({ rgb }) => rgb)];
  for (const part of [mesh.vertices, mesh.triangles, mesh.colors, ...(painted ?? [])])
    if (part) hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  return hash.digest("hex");
}

const codeParts = ["ends", "counts", "cells", "codes", "inverse"] as const;

function writeTemplates(path: string, digest: string, { layers, boxes }: ObjectTemplates, grid: number): void {
  const tensors = new Map<string, { shape: number[]; data: ObjectTemplates["boxes"] | TemplateCodes["codes"] }>();
  layers.forEach((layer, i) => {
    for (const part of codeParts)
      tensors.set(`${i}.${part}`, { shape: [layer[part].length], data: layer[part] as TemplateCodes["codes"] });
  });
  tensors.set("boxes", { shape: [boxes.length], data: boxes });
  const channels = JSON.stringify(layers.map((layer) => layer.channels));
  const metadata = { format: "posediff-templates/1", digest, grid: String(grid), channels };
  writeAtomically(path, writeSafetensors(tensors, metadata));
}

/** A file's templates; undefined where they are of other settings. @throws InputError for a damaged file */
function readTemplates(path: string, digest: string, objectId: number): ObjectTemplates | undefined {
  const { tensors, metadata } = readSafetensors(path);
  const foreign = metadata.format !== "posediff-templates/1";
  assertInput(!foreign, `templates: ${path} holds no templates; move it away, or give another store`);
  if (metadata.digest !== digest) return undefined;
  const grid = Number(metadata.grid);
  const data = <T>(name: string): T => {
    const tensor = tensors.get(name);
    assertInput(tensor, `templates: ${path} lacks ${name}; delete the file, it is made anew`);
    return tensor.data as T;
  };
  const layers = (JSON.parse(metadata.channels) as number[]).map((channels, i): TemplateCodes => {
    const layer: TemplateCodes = {
      grid,
      channels,
      ends: data(`${i}.ends`),
      counts: data(`${i}.counts`),
      cells: data(`${i}.cells`),
      codes: data(`${i}.codes`),
      inverse: data(`${i}.inverse`),
    };
    const total = layer.ends[layer.ends.length - 1];
    const whole =
      layer.counts.length === layer.ends.length &&
      layer.cells.length === total &&
      layer.inverse.length === total &&
      layer.codes.length === total * channels &&
      layer.ends.every((end, t) => end % 4 === 0 && end >= (layer.ends[t - 1] ?? 0)) &&
      layer.cells.every((cell) => cell < grid * grid);
    assertInput(whole, `templates: ${path} is damaged (layer ${i}); delete the file, it is made anew`);
    return layer;
  });
  return { objectId, layers, boxes: data("boxes") };
}

const batchSize = 8;

/** Render and describe all views of an object. */
async function makeTemplates(
  objectId: number,
  mesh: Mesh,
  descriptor: Descriptor,
  { material, ...settings }: TemplateSettings & Pick<RenderTemplateOptions, "material">,
  onProgress: (done: number, of: number) => void,
): Promise<ObjectTemplates> {
  const { inputSize: size, grid, channels } = descriptor;
  const { side, distance, ambient, background, precision } = { ...defaults, ...settings };
  const rotations = templateRotations(settings);
  const parts: TemplateCodes[][] = channels.map(() => []);
  const boxes = new Float32Array(4 * rotations.length);
  for (let start = 0; start < rotations.length; start += batchSize) {
    const count = Math.min(batchSize, rotations.length - start);
    const pictures = new Uint8Array(count * size * size * 3);
    const masks = new Uint8Array(count * grid * grid);
    for (let i = 0; i < count; i++) {
      const { rgb, mask } = renderTemplate(mesh, rotations[start + i], {
        size,
        side,
        distance,
        ambient,
        ...(material && { material }),
        ...(background && { background }),
      });
      pictures.set(rgb, i * rgb.length);
      masks.set(maskGrid(mask, size, grid), i * grid * grid);
      boxes.set(boxOf(mask, size), 4 * (start + i));
    }
    const maps = await descriptor.describe(pictures, count, "templates");
    maps.forEach((map, layer) => {
      const kept = precision === "half" ? map.map((x) => halfToNumber(numberToHalf(x))) : map;
      const form = {
        grid,
        channels: channels[layer],
        precision: precision && precision !== "bytes" ? "float" : "bytes",
      } as const;
      parts[layer].push(encodeTemplates(kept, masks, form));
    });
    onProgress(start + count, rotations.length);
  }
  return { objectId, layers: parts.map(joinTemplates), boxes };
}

/** Left, top, right, bottom of a mask; zeros for an empty one. */
export function boxOf(mask: Uint8Array, size: number): [number, number, number, number] {
  let [left, top, right, bottom] = [size, size, 0, 0];
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      if (!mask[y * size + x]) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = y + 1;
    }
  return right === 0 ? [0, 0, 0, 0] : [left, top, right, bottom];
}

/** Where templates come from, and what is told meanwhile. */
export interface TemplateStoreOptions extends TemplateSettings {
  /** Folder of the store; undefined: nothing is kept. */
  folder?: string;
  /** Colours instead of the mesh's; a function cannot be recognised on disk, so it needs no folder. */
  material?: RenderTemplateOptions["material"];
  onProgress?: (objectId: number, done: number, of: number) => void;
}

/**
 * The templates of an object: read where the store has them of the same mesh, descriptor and settings, else made and
 * written. What was finished before an interruption is not made again.
 *
 * @throws InputError if a file of the store is damaged or was not written by this library, or an object is not seen in a
 *   view
 */
export async function objectTemplates(
  objectId: number,
  mesh: Mesh,
  descriptor: Descriptor,
  { folder, material, onProgress = () => {}, ...settings }: TemplateStoreOptions = {},
): Promise<ObjectTemplates> {
  assertInput(!(folder && material), "templates: a material cannot be kept on disk; leave the folder out");
  const digest = digestOf(mesh, descriptor, settings);
  const kept = settings.precision && settings.precision !== "bytes" ? `-${settings.precision}` : "";
  const path =
    folder && join(folder, `${descriptor.name}${kept}`, `obj_${String(objectId).padStart(6, "0")}.safetensors`);
  if (path && existsSync(path)) {
    const stored = readTemplates(path, digest, objectId);
    if (stored) return stored;
  }
  const made = await makeTemplates(
    objectId,
    mesh,
    descriptor,
    { ...settings, ...(material && { material }) },
    (done, of) => onProgress(objectId, done, of),
  );
  if (made.layers[0].counts.some((count) => count === 0))
    throw new InputError(
      `templates: object ${objectId} is not seen in some view; its mesh must be in metres around the origin`,
    );
  if (path) writeTemplates(path, digest, made, descriptor.grid);
  return made;
}
