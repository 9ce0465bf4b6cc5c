/**
 * @file Where the 2-D box of an object comes from: the truth, the reader, or a detector.
 */
import { assertFinite, assertInput } from "../check";
import { categories, type NocsCategory } from "../geometry/symmetry";
import { boxOfMask, type PixelBox } from "./crop";
import type { ColorImage } from "./imageCrop";
import type { Sample } from "./sample";

/** An object in an image. */
export interface DetectedBox {
  box: PixelBox;
  /** Undefined: of no category that the networks know. */
  category: NocsCategory | undefined;
  /** In [0, 1]; 1 for boxes that are given. */
  score: number;
}

/** From an image to the boxes of its objects, the surest first. */
export interface BoxSource {
  boxesOf: (image: ColorImage) => Promise<DetectedBox[]>;
  dispose: () => void;
}

/** 1 … 6 in the order of `categories`, 0 for «unknown» (paper B, section 3.3: the zeroth id). */
export const categoryId = (category: NocsCategory | undefined): number =>
  category === undefined ? 0 : categories.indexOf(category) + 1;

/** The category of an id; undefined for 0. @throws InputError for another number */
export function categoryOfId(id: number): NocsCategory | undefined {
  assertInput(
    Number.isInteger(id) && id >= 0 && id <= categories.length,
    `categoryOfId: the id is ${id}; give 0 (unknown) … ${categories.length}`,
  );
  return id === 0 ? undefined : categories[id - 1];
}

/** The box of a sample's mask, with its category. @throws InputError for an empty mask, or a category beyond the six */
export function trueBox({
  id,
  mask,
  camera,
  category,
}: Pick<Sample, "id" | "mask" | "camera" | "category">): DetectedBox {
  assertInput(category !== "box", `trueBox: ${id} is a box; give an object of ${categories.join(", ")}`);
  return { box: boxOfMask(mask, camera), category, score: 1 };
}

/**
 * A box that the reader drew: the part of it that lies in the image.
 *
 * @param category without it: unknown
 * @throws InputError for numbers that are not finite, or a box without area in the image
 */
export function givenBox({ camera }: Pick<ColorImage, "camera">, box: PixelBox, category?: NocsCategory): DetectedBox {
  const { width, height } = camera;
  assertFinite("givenBox", [box.x1, box.y1, box.x2, box.y2]);
  const inside = {
    x1: Math.max(0, box.x1),
    y1: Math.max(0, box.y1),
    x2: Math.min(width, box.x2),
    y2: Math.min(height, box.y2),
  };
  assertInput(
    inside.x2 > inside.x1 && inside.y2 > inside.y1,
    `givenBox: (${box.x1}, ${box.y1}) … (${box.x2}, ${box.y2}) has no area in the image of ${width} × ${height}; give x1 < x2 and y1 < y2 in pixels of the whole image`,
  );
  return { box: inside, category, score: 1 };
}

/** A source that always gives these boxes: the truth, or the reader's. */
export const fixedBoxes = (boxes: readonly DetectedBox[]): BoxSource => ({
  boxesOf: () => Promise.resolve([...boxes]),
  dispose: () => {},
});
